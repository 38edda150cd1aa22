//! The icons: Phosphor's own names (phosphoricons.com), as glyphs of the two icon fonts in `assets/fonts/`.
//!
//! After adding one, run `assets/fonts/build.py`: the fonts hold only what is named here.
//! An icon is painted, never put into a label's text, where a screen reader would read it aloud as junk.

use egui::{Align2, Color32, FontFamily, FontId, Painter, Pos2, Rect, Vec2};

/// Family of the outlined icons.
pub const FAMILY: &str = "icon";
/// Family of the filled icons.
pub const FAMILY_FILL: &str = "icon-fill";

/// One icon, outlined unless [`filled`](Icon::filled).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Icon {
    glyph: char,
    filled: bool,
}

impl Icon {
    const fn new(glyph: char) -> Self {
        Self { glyph, filled: false }
    }

    /// The filled cut: for status icons and the active place in the rail only.
    #[must_use]
    pub const fn filled(self) -> Self {
        Self { filled: true, ..self }
    }

    /// The glyph in the icon fonts' private use area.
    pub const fn glyph(self) -> char {
        self.glyph
    }

    /// The font to lay the glyph out with, `size` points square.
    pub fn font(self, size: f32) -> FontId {
        FontId::new(
            size,
            FontFamily::Name(if self.filled { FAMILY_FILL } else { FAMILY }.into()),
        )
    }

    /// Paints the icon, `size` points square, around `center`.
    pub fn paint(self, painter: &Painter, center: Pos2, size: f32, color: Color32) -> Rect {
        painter.text(center, Align2::CENTER_CENTER, self.glyph, self.font(size), color);
        Rect::from_center_size(center, Vec2::splat(size))
    }
}

macro_rules! icons {
    ($($name:ident = $glyph:literal, $phosphor:literal;)*) => {
        $(
            #[doc = concat!("Phosphor `", $phosphor, "`.")]
            pub const $name: Icon = Icon::new($glyph);
        )*

        /// Every icon, in the order of their names.
        pub const ALL: &[Icon] = &[$($name),*];
    };
}

icons! {
    ARROW_BEND_DOWN_RIGHT = '\u{e01a}', "arrow-bend-down-right";
    ARROW_CLOCKWISE = '\u{e036}', "arrow-clockwise";
    ARROW_COUNTER_CLOCKWISE = '\u{e038}', "arrow-counter-clockwise";
    ARROW_DOWN = '\u{e03e}', "arrow-down";
    ARROW_LEFT = '\u{e058}', "arrow-left";
    ARROW_LINE_DOWN = '\u{e05c}', "arrow-line-down";
    ARROW_LINE_UP = '\u{e066}', "arrow-line-up";
    ARROW_RIGHT = '\u{e06c}', "arrow-right";
    ARROW_SQUARE_OUT = '\u{e5de}', "arrow-square-out";
    ARROW_UP = '\u{e08e}', "arrow-up";
    ARROWS_CLOCKWISE = '\u{e094}', "arrows-clockwise";
    ARROWS_DOWN_UP = '\u{e098}', "arrows-down-up";
    ARROWS_HORIZONTAL = '\u{eb06}', "arrows-horizontal";
    ARROWS_IN = '\u{e09a}', "arrows-in";
    ARROWS_OUT = '\u{e0a2}', "arrows-out";
    ARROWS_OUT_SIMPLE = '\u{e0a6}', "arrows-out-simple";
    BELL = '\u{e0ce}', "bell";
    BOOK_OPEN = '\u{e0e6}', "book-open";
    BOOKS = '\u{e758}', "books";
    BOOKMARK_SIMPLE = '\u{e0ea}', "bookmark-simple";
    BROADCAST = '\u{e0f2}', "broadcast";
    BUG = '\u{e5f4}', "bug";
    BUILDINGS = '\u{e102}', "buildings";
    CALENDAR_BLANK = '\u{e10a}', "calendar-blank";
    CARET_DOWN = '\u{e136}', "caret-down";
    CARET_LEFT = '\u{e138}', "caret-left";
    CARET_RIGHT = '\u{e13a}', "caret-right";
    CARET_UP = '\u{e13c}', "caret-up";
    CARET_UP_DOWN = '\u{e140}', "caret-up-down";
    CHATS = '\u{e17c}', "chats";
    CHECK = '\u{e182}', "check";
    CHECK_CIRCLE = '\u{e184}', "check-circle";
    CHECK_SQUARE = '\u{e186}', "check-square";
    CIRCLE = '\u{e18a}', "circle";
    CIRCLE_DASHED = '\u{e602}', "circle-dashed";
    CIRCLE_NOTCH = '\u{eb44}', "circle-notch";
    CLIPBOARD = '\u{e196}', "clipboard";
    CLIPBOARD_TEXT = '\u{e198}', "clipboard-text";
    CLOCK = '\u{e19a}', "clock";
    CLOCK_COUNTER_CLOCKWISE = '\u{e1a0}', "clock-counter-clockwise";
    CLOUD = '\u{e1aa}', "cloud";
    CLOUD_ARROW_DOWN = '\u{e1ac}', "cloud-arrow-down";
    CLOUD_ARROW_UP = '\u{e1ae}', "cloud-arrow-up";
    CLOUD_SLASH = '\u{e1b6}', "cloud-slash";
    CODE = '\u{e1bc}', "code";
    COINS = '\u{e78e}', "coins";
    COMMAND = '\u{e1c4}', "command";
    COMPASS = '\u{e1c8}', "compass";
    COPY = '\u{e1ca}', "copy";
    CROP = '\u{e1d4}', "crop";
    CUBE = '\u{e1da}', "cube";
    CURSOR_TEXT = '\u{e7d8}', "cursor-text";
    CYLINDER = '\u{e8fc}', "cylinder";
    DATABASE = '\u{e1de}', "database";
    DEVICE_MOBILE = '\u{e1e0}', "device-mobile";
    DICE_FIVE = '\u{e1ee}', "dice-five";
    DOTS_SIX_VERTICAL = '\u{eae2}', "dots-six-vertical";
    DOTS_THREE = '\u{e1fe}', "dots-three";
    DOTS_THREE_VERTICAL = '\u{e208}', "dots-three-vertical";
    DOWNLOAD_SIMPLE = '\u{e20c}', "download-simple";
    ERASER = '\u{e21e}', "eraser";
    EXPORT = '\u{eaf0}', "export";
    EYE = '\u{e220}', "eye";
    EYE_SLASH = '\u{e224}', "eye-slash";
    FILE = '\u{e230}', "file";
    FILE_ARROW_DOWN = '\u{e232}', "file-arrow-down";
    FILE_ARROW_UP = '\u{e61e}', "file-arrow-up";
    FILE_IMAGE = '\u{ea24}', "file-image";
    FILE_PDF = '\u{e702}', "file-pdf";
    FILE_TEXT = '\u{e23a}', "file-text";
    FILE_X = '\u{e23c}', "file-x";
    FILE_ZIP = '\u{e958}', "file-zip";
    FILM_STRIP = '\u{e792}', "film-strip";
    FINGERPRINT = '\u{e23e}', "fingerprint";
    FLAG = '\u{e244}', "flag";
    FLOPPY_DISK = '\u{e248}', "floppy-disk";
    FOLDER = '\u{e24a}', "folder";
    FOLDER_OPEN = '\u{e256}', "folder-open";
    FOLDER_PLUS = '\u{e258}', "folder-plus";
    FOLDER_SIMPLE = '\u{e25a}', "folder-simple";
    FRAME_CORNERS = '\u{e626}', "frame-corners";
    FUNNEL = '\u{e266}', "funnel";
    FUNNEL_SIMPLE = '\u{e268}', "funnel-simple";
    GAUGE = '\u{e628}', "gauge";
    GEAR = '\u{e270}', "gear";
    GEAR_SIX = '\u{e272}', "gear-six";
    GIT_DIFF = '\u{e27c}', "git-diff";
    GLOBE = '\u{e288}', "globe";
    GLOBE_SIMPLE = '\u{e28e}', "globe-simple";
    GRID_FOUR = '\u{e296}', "grid-four";
    HAND_POINTING = '\u{e29a}', "hand-pointing";
    HARD_DRIVES = '\u{e2a0}', "hard-drives";
    HASH = '\u{e2a2}', "hash";
    HEARTBEAT = '\u{e2ac}', "heartbeat";
    HOURGLASS_MEDIUM = '\u{e2b8}', "hourglass-medium";
    HOUSE = '\u{e2c2}', "house";
    IDENTIFICATION_CARD = '\u{e2c8}', "identification-card";
    IMAGE = '\u{e2ca}', "image";
    IMAGE_BROKEN = '\u{e7a8}', "image-broken";
    IMAGE_SQUARE = '\u{e2cc}', "image-square";
    IMAGES = '\u{e836}', "images";
    INFO = '\u{e2ce}', "info";
    KEY = '\u{e2d6}', "key";
    KEYBOARD = '\u{e2d8}', "keyboard";
    LAYOUT = '\u{e6d6}', "layout";
    LIGHTBULB = '\u{e2dc}', "lightbulb";
    LIGHTNING = '\u{e2de}', "lightning";
    LINK = '\u{e2e2}', "link";
    LINK_BREAK = '\u{e2e4}', "link-break";
    LINK_SIMPLE = '\u{e2e6}', "link-simple";
    LIST = '\u{e2f0}', "list";
    LIST_BULLETS = '\u{e2f2}', "list-bullets";
    LIST_CHECKS = '\u{eadc}', "list-checks";
    LIST_DASHES = '\u{e2f4}', "list-dashes";
    LIST_MAGNIFYING_GLASS = '\u{ebe0}', "list-magnifying-glass";
    LOCK = '\u{e2fa}', "lock";
    LOCK_OPEN = '\u{e306}', "lock-open";
    LOCK_SIMPLE = '\u{e308}', "lock-simple";
    LOCK_SIMPLE_OPEN = '\u{e30a}', "lock-simple-open";
    MAGIC_WAND = '\u{e6b6}', "magic-wand";
    MAGNIFYING_GLASS = '\u{e30c}', "magnifying-glass";
    MAGNIFYING_GLASS_MINUS = '\u{e30e}', "magnifying-glass-minus";
    MAGNIFYING_GLASS_PLUS = '\u{e310}', "magnifying-glass-plus";
    MINUS = '\u{e32a}', "minus";
    MINUS_CIRCLE = '\u{e32c}', "minus-circle";
    MONITOR = '\u{e32e}', "monitor";
    MOON = '\u{e330}', "moon";
    NOTEBOOK = '\u{e34e}', "notebook";
    NOTEPAD = '\u{e63e}', "notepad";
    PACKAGE = '\u{e390}', "package";
    PAINT_BRUSH = '\u{e6f0}', "paint-brush";
    PAINT_BRUSH_BROAD = '\u{e590}', "paint-brush-broad";
    PALETTE = '\u{e6c8}', "palette";
    PAPER_PLANE_RIGHT = '\u{e396}', "paper-plane-right";
    PAPERCLIP = '\u{e39a}', "paperclip";
    PAUSE = '\u{e39e}', "pause";
    PENCIL_SIMPLE = '\u{e3b4}', "pencil-simple";
    PENCIL_SIMPLE_LINE = '\u{ebc6}', "pencil-simple-line";
    PLAY = '\u{e3d0}', "play";
    PLUG = '\u{e946}', "plug";
    PLUGS = '\u{eb56}', "plugs";
    PLUGS_CONNECTED = '\u{eb5a}', "plugs-connected";
    PLUS = '\u{e3d4}', "plus";
    PLUS_CIRCLE = '\u{e3d6}', "plus-circle";
    POWER = '\u{e3da}', "power";
    PROHIBIT = '\u{e3de}', "prohibit";
    PULSE = '\u{e000}', "pulse";
    PUSH_PIN = '\u{e3e2}', "push-pin";
    QUESTION = '\u{e3e8}', "question";
    QUEUE = '\u{e6ac}', "queue";
    QUOTES = '\u{e660}', "quotes";
    RECEIPT = '\u{e3ec}', "receipt";
    ROBOT = '\u{e762}', "robot";
    ROCKET_LAUNCH = '\u{e3fe}', "rocket-launch";
    ROWS = '\u{e5a2}', "rows";
    SCISSORS = '\u{eae0}', "scissors";
    SCROLL = '\u{eb7a}', "scroll";
    SEAL_CHECK = '\u{e606}', "seal-check";
    SEAL_QUESTION = '\u{e608}', "seal-question";
    SEAL_WARNING = '\u{e60c}', "seal-warning";
    SELECTION_ALL = '\u{e746}', "selection-all";
    SHARE_NETWORK = '\u{e408}', "share-network";
    SHIELD = '\u{e40a}', "shield";
    SHIELD_CHECK = '\u{e40c}', "shield-check";
    SHIELD_WARNING = '\u{e412}', "shield-warning";
    SHUFFLE = '\u{e422}', "shuffle";
    SIDEBAR = '\u{eab6}', "sidebar";
    SIDEBAR_SIMPLE = '\u{ec24}', "sidebar-simple";
    SIGN_IN = '\u{e428}', "sign-in";
    SIGN_OUT = '\u{e42a}', "sign-out";
    SIGNATURE = '\u{ebac}', "signature";
    SKIP_FORWARD = '\u{e5a6}', "skip-forward";
    SLIDERS = '\u{e432}', "sliders";
    SLIDERS_HORIZONTAL = '\u{e434}', "sliders-horizontal";
    SMILEY = '\u{e436}', "smiley";
    SORT_ASCENDING = '\u{e444}', "sort-ascending";
    SORT_DESCENDING = '\u{e446}', "sort-descending";
    SPINNER = '\u{e66a}', "spinner";
    SPARKLE = '\u{e6a2}', "sparkle";
    SPEAKER_HIGH = '\u{e44a}', "speaker-high";
    SQUARE = '\u{e45e}', "square";
    SQUARE_HALF = '\u{e462}', "square-half";
    SQUARE_HALF_BOTTOM = '\u{eb16}', "square-half-bottom";
    SQUARES_FOUR = '\u{e464}', "squares-four";
    STACK = '\u{e466}', "stack";
    STACK_SIMPLE = '\u{e468}', "stack-simple";
    STAR = '\u{e46a}', "star";
    STOP = '\u{e46c}', "stop";
    STOREFRONT = '\u{e470}', "storefront";
    SUN = '\u{e472}', "sun";
    SWAP = '\u{e83c}', "swap";
    TABLE = '\u{e476}', "table";
    TAG = '\u{e478}', "tag";
    TERMINAL = '\u{e47e}', "terminal";
    TERMINAL_WINDOW = '\u{eae8}', "terminal-window";
    TEXT_AA = '\u{e6ee}', "text-aa";
    TEXT_ALIGN_LEFT = '\u{e484}', "text-align-left";
    TEXT_T = '\u{e48a}', "text-t";
    TEXT_T_SLASH = '\u{e488}', "text-t-slash";
    THUMBS_DOWN = '\u{e48c}', "thumbs-down";
    THUMBS_UP = '\u{e48e}', "thumbs-up";
    TIMER = '\u{e492}', "timer";
    TRANSLATE = '\u{e4a2}', "translate";
    TRASH = '\u{e4a6}', "trash";
    TRAY = '\u{e4aa}', "tray";
    TREE_STRUCTURE = '\u{e67c}', "tree-structure";
    UPLOAD = '\u{e4be}', "upload";
    UPLOAD_SIMPLE = '\u{e4c0}', "upload-simple";
    USER = '\u{e4c2}', "user";
    USER_CIRCLE = '\u{e4c4}', "user-circle";
    USER_GEAR = '\u{e4cc}', "user-gear";
    USERS = '\u{e4d6}', "users";
    VIDEO = '\u{e740}', "video";
    WARNING = '\u{e4e0}', "warning";
    WARNING_CIRCLE = '\u{e4e2}', "warning-circle";
    WARNING_DIAMOND = '\u{e7fc}', "warning-diamond";
    WARNING_OCTAGON = '\u{e4e4}', "warning-octagon";
    WIFI_SLASH = '\u{e4f2}', "wifi-slash";
    WRENCH = '\u{e5d4}', "wrench";
    X = '\u{e4f6}', "x";
    X_CIRCLE = '\u{e4f8}', "x-circle";
    X_SQUARE = '\u{e4fa}', "x-square";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::theme;

    /// A constant without a glyph would be an empty box in the window.
    #[test]
    fn both_icon_fonts_have_every_icon() {
        let ctx = egui::Context::default();
        theme::install(&ctx);
        ctx.run_ui(egui::RawInput::default(), |ui| {
            ui.fonts_mut(|fonts| {
                for icon in ALL {
                    for icon in [*icon, icon.filled()] {
                        assert!(fonts.has_glyph(&icon.font(16.0), icon.glyph()), "no glyph for {icon:?}");
                    }
                }
            });
        })
        .textures_delta
        .clear();
    }
}
