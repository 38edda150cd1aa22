//! The cursor on its way to a field.

use super::State;

/// The fields that the cursor can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The project's URL.
    Url,
    /// The key.
    Key,
    /// The password.
    Password,
    /// The passphrase of the encrypted file.
    Passphrase,
}

impl Field {
    /// The field that a problem stands beside.
    pub(super) fn called(name: Option<&str>) -> Option<Self> {
        match name? {
            "url" => Some(Self::Url),
            "key" => Some(Self::Key),
            "password" => Some(Self::Password),
            "passphrase" => Some(Self::Passphrase),
            _ => None,
        }
    }
}

/// The cursor on its way to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Focus {
    field: Field,
    passes: u8,
}

impl Focus {
    /// Passes for which the field asks for the cursor: what led here, a menu or the palette, gives it back to what had
    /// it before a pass or two after it closed.
    const PASSES: u8 = 4;

    /// To this field.
    #[must_use]
    pub fn on(field: Field) -> Self {
        Self {
            field,
            passes: Self::PASSES,
        }
    }
}

impl State {
    /// Whether `field` is to ask for the cursor in this pass.
    pub fn takes_focus(&mut self, field: Field) -> bool {
        let Some(focus) = self.focus.as_mut().filter(|focus| focus.field == field) else {
            return false;
        };
        focus.passes -= 1;
        if focus.passes == 0 {
            self.focus = None;
        }
        true
    }
}
