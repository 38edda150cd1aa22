//! The shape of a tale: which arc the brief asks for, and which beats are told on which page.

use crate::local::lexicon::{Mood, Pose, Shot, TimeOfDay};

use super::random::Random;

/// What a tale is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arc {
    /// The hero's own thing is lost and looked for.
    Search,
    /// A lost thing is found and brought home.
    Return,
    Friend,
    Dark,
    Journey,
    Helping,
    Party,
}

impl Arc {
    /// The name of its sections among the sentences.
    pub(super) fn section(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Return => "return",
            Self::Friend => "friend",
            Self::Dark => "dark",
            Self::Journey => "journey",
            Self::Helping => "helping",
            Self::Party => "party",
        }
    }

    /// Whether a thing is at the heart of it.
    pub(super) fn has_goal(self) -> bool {
        !matches!(self, Self::Friend | Self::Dark)
    }

    /// Whether the thing is in the picture at this beat.
    pub(super) fn shows_goal(self, beat: Beat) -> bool {
        match self {
            Self::Friend | Self::Dark => false,
            Self::Return => beat > Beat::Opening && beat < Beat::Closing,
            Self::Search => beat >= Beat::Climax,
            Self::Journey | Self::Helping | Self::Party => {
                matches!(beat, Beat::Climax | Beat::Resolution)
            }
        }
    }
}

/// The words that call for an arc. Stems: a word counts if it begins with one.
const CALLS: &[(Arc, &[&str])] = &[
    (
        Arc::Party,
        &[
            "birthday",
            "party",
            "celebrat",
            "festival",
            "christmas",
            "feast",
            "wedding",
            "concert",
            "parade",
        ],
    ),
    (
        Arc::Dark,
        &["dark", "afraid", "scared", "frightened", "nightmare", "lullaby", "fear"],
    ),
    (
        Arc::Search,
        &[
            "lose",
            "loses",
            "losing",
            "lost",
            "missing",
            "search",
            "looks for",
            "looking for",
            "seek",
        ],
    ),
    (
        Arc::Return,
        &[
            "find",
            "finds",
            "found",
            "discover",
            "returns",
            "brings back",
            "carries it",
            "fallen",
        ],
    ),
    (
        Arc::Helping,
        &[
            "help", "save", "saves", "rescue", "fix", "mend", "share", "sharing", "heal", "repair", "build", "bake",
            "kind",
        ],
    ),
    (
        Arc::Friend,
        &[
            "friend", "lonely", "shy", "alone", "meet", "met ", "together", "newcomer",
        ],
    ),
    (
        Arc::Journey,
        &[
            "journey",
            "travel",
            "explor",
            "adventure",
            "voyage",
            "trip",
            "climb",
            "sail",
            "fly",
            "flies",
            "quest",
            "treasure",
            "dream",
            "wants to",
            "reach",
        ],
    ),
];

/// The arc that most words call for, or any that fits.
pub(super) fn arc_of(text: &str, goal_said: bool, night: bool, random: &mut Random) -> Arc {
    let lower = format!(" {} ", text.to_lowercase());
    let calls = |stems: &[&str]| {
        stems
            .iter()
            .filter(|stem| {
                lower
                    .match_indices(**stem)
                    .any(|(at, _)| !lower[..at].ends_with(char::is_alphanumeric))
            })
            .count()
    };
    let mut best = (0, None);
    for (arc, stems) in CALLS {
        let mut count = calls(stems);
        // A thing found is brought back, unless it was the finder's own.
        if *arc == Arc::Search && count > 0 && calls(&["finds her", "finds his", "finds their"]) > 0 {
            count += 2;
        }
        if *arc == Arc::Return && count > 0 {
            count += 1;
        }
        // Somebody can be lost, too; without a thing it is a way to go.
        if matches!(arc, Arc::Search | Arc::Return) && !goal_said {
            continue;
        }
        if count > best.0 {
            best = (count, Some(*arc));
        }
    }
    if calls(&["finds her", "finds his", "finds their"]) > 0 && goal_said {
        return Arc::Search;
    }
    best.1.unwrap_or_else(|| {
        let any: &[Arc] = match (goal_said, night) {
            (true, _) => &[Arc::Search, Arc::Return, Arc::Journey, Arc::Helping],
            (false, true) => &[Arc::Dark, Arc::Friend, Arc::Return],
            // Not a party: nobody who asks for "a fox by the sea" expects a birthday.
            (false, false) => &[Arc::Friend, Arc::Journey, Arc::Return, Arc::Search],
        };
        random.pick(any).copied().unwrap_or(Arc::Journey)
    })
}

/// A step of a tale, in the order of telling. Eight make a tale; the others are for long ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Beat {
    Opening,
    Spark,
    SetOut,
    Travel,
    Obstacle,
    Helper,
    Together,
    Trial,
    Doubt,
    Climax,
    Resolution,
    Closing,
}

/// The eight beats every tale has, and behind them those that longer tales gain, in the order they are added.
const BEATS: [Beat; 12] = [
    Beat::Opening,
    Beat::Spark,
    Beat::SetOut,
    Beat::Obstacle,
    Beat::Helper,
    Beat::Climax,
    Beat::Resolution,
    Beat::Closing,
    Beat::Trial,
    Beat::Travel,
    Beat::Together,
    Beat::Doubt,
];

/// If a page has no room for all of its beats, these are told first.
const WEIGHT: [Beat; 8] = [
    Beat::Opening,
    Beat::Resolution,
    Beat::Spark,
    Beat::Climax,
    Beat::Helper,
    Beat::Obstacle,
    Beat::SetOut,
    Beat::Closing,
];

/// How soon a beat is left out where there is no room: the larger, the sooner.
pub(super) fn weight(beat: Beat) -> usize {
    WEIGHT.iter().position(|it| *it == beat).unwrap_or(WEIGHT.len())
}

/// A beat needs about this many words to be told at all.
const WORDS_PER_BEAT: usize = 15;

/// The beats of each page.
pub(super) fn pages(scenes: usize, words: usize) -> Vec<Vec<Beat>> {
    let mut beats = BEATS[..scenes.clamp(8, 12)].to_vec();
    beats.sort_unstable();
    (0..scenes)
        .map(|page| {
            let all = &beats[page * beats.len() / scenes..(page + 1) * beats.len() / scenes];
            let room = (words / WORDS_PER_BEAT).max(1);
            let mut told: Vec<Beat> = all.to_vec();
            told.sort_by_key(|beat| weight(*beat));
            told.truncate(room);
            told.sort_unstable();
            told
        })
        .collect()
}

/// The beat that the picture of a page shows.
pub(super) fn pictured(beats: &[Beat]) -> Beat {
    let shows = [
        Beat::Climax,
        Beat::Resolution,
        Beat::Helper,
        Beat::Spark,
        Beat::Obstacle,
    ];
    match beats {
        [only] => *only,
        _ => shows
            .into_iter()
            .find(|beat| beats.contains(beat))
            .or_else(|| beats.first().copied())
            .unwrap_or(Beat::Opening),
    }
}

/// When a page plays, if the brief leaves it open: a day from dawn to night, so that pages look different.
pub(super) fn hour(arc: Arc, page: usize, pages: usize) -> TimeOfDay {
    // The page's middle, in hundredths of the tale; a single page is in the middle of the day.
    let along = (2 * page + 1) * 50 / pages.max(1);
    if arc == Arc::Dark {
        let before_bed = along < 20;
        return if before_bed {
            TimeOfDay::Sunset
        } else {
            TimeOfDay::Night
        };
    }
    match along {
        0..18 => TimeOfDay::Dawn,
        18..58 => TimeOfDay::Day,
        58..83 => TimeOfDay::Sunset,
        _ => TimeOfDay::Night,
    }
}

impl Beat {
    /// The name of its sections among the sentences.
    pub(super) fn section(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Spark => "spark",
            Self::SetOut => "setout",
            Self::Travel => "travel",
            Self::Obstacle => "obstacle",
            Self::Helper => "helper",
            Self::Together => "together",
            Self::Trial => "trial",
            Self::Doubt => "doubt",
            Self::Climax => "climax",
            Self::Resolution => "resolution",
            Self::Closing => "closing",
        }
    }

    /// The section that has more to tell about it.
    pub(super) fn more(self) -> &'static str {
        match self {
            Self::Opening => "more opening",
            Self::Spark => "more spark",
            Self::SetOut => "more setout",
            Self::Travel => "more travel",
            Self::Obstacle => "more obstacle",
            Self::Helper => "more helper",
            Self::Together => "more together",
            Self::Trial => "more trial",
            Self::Doubt => "more doubt",
            Self::Climax => "more climax",
            Self::Resolution => "more resolution",
            Self::Closing => "more closing",
        }
    }

    /// How near the picture is: what suits the beat, unless the page before was just as near.
    pub(super) fn shot(self, before: Option<Shot>) -> Shot {
        let [first, second] = match self {
            Self::Opening | Self::SetOut | Self::Travel | Self::Closing => [Shot::Wide, Shot::Medium],
            Self::Obstacle => [Shot::Wide, Shot::Close],
            Self::Together | Self::Trial => [Shot::Medium, Shot::Wide],
            Self::Spark | Self::Helper | Self::Resolution => [Shot::Medium, Shot::Close],
            Self::Doubt | Self::Climax => [Shot::Close, Shot::Medium],
        };
        if before == Some(first) { second } else { first }
    }

    /// What the hero does in the picture.
    pub(super) fn poses(self, arc: Arc) -> &'static [Pose] {
        match self {
            Self::Opening => &[Pose::Stand, Pose::Wave],
            Self::Spark if arc == Arc::Dark => &[Pose::Stand],
            Self::Spark => &[Pose::Point, Pose::Stand],
            Self::SetOut => &[Pose::Walk, Pose::Run],
            Self::Travel | Self::Together => &[Pose::Walk],
            Self::Obstacle => &[Pose::Sit, Pose::Stand],
            Self::Helper => &[Pose::Wave, Pose::Stand],
            Self::Trial => &[Pose::Run, Pose::Point],
            Self::Doubt => &[Pose::Stand],
            Self::Climax => &[Pose::Point, Pose::Jump],
            Self::Resolution => &[Pose::Jump, Pose::Hug],
            Self::Closing if arc == Arc::Dark => &[Pose::Sleep],
            Self::Closing => &[Pose::Wave, Pose::Sit],
        }
    }

    /// What the hero feels in the picture.
    pub(super) fn mood(self, arc: Arc) -> Mood {
        match self {
            Self::Opening if arc == Arc::Friend => Mood::Sad,
            Self::Opening | Self::SetOut | Self::Travel | Self::Together => Mood::Happy,
            Self::Spark => match arc {
                Arc::Search => Mood::Sad,
                Arc::Dark => Mood::Afraid,
                _ => Mood::Surprised,
            },
            Self::Obstacle if arc == Arc::Dark => Mood::Afraid,
            Self::Obstacle => Mood::Sad,
            Self::Trial | Self::Doubt => Mood::Afraid,
            Self::Climax => Mood::Surprised,
            Self::Helper | Self::Resolution => Mood::Happy,
            Self::Closing if arc == Arc::Dark => Mood::Calm,
            Self::Closing => Mood::Happy,
        }
    }

    /// Whether the second of the cast has come by then.
    pub(super) fn has_helper(self, arc: Arc) -> bool {
        match arc {
            Arc::Friend | Arc::Helping => self >= Self::Spark && !(arc == Arc::Friend && self == Self::Obstacle),
            _ => self >= Self::Helper,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_scenes_has_its_pages() {
        for scenes in 1..=12 {
            let pages = pages(scenes, 150);
            assert_eq!(pages.len(), scenes);
            assert!(pages.iter().all(|beats| !beats.is_empty()));
            assert_eq!(pages[0][0], Beat::Opening);
            let told: Vec<Beat> = pages.concat();
            assert!(told.is_sorted(), "{scenes}: {told:?}");
            assert_eq!(told.len(), scenes.max(8));
        }
    }

    #[test]
    fn a_small_page_tells_what_matters() {
        assert_eq!(pages(1, 45), [[Beat::Opening, Beat::Spark, Beat::Resolution]]);
    }

    #[test]
    fn a_day_goes_by_and_never_back() {
        let order = [TimeOfDay::Dawn, TimeOfDay::Day, TimeOfDay::Sunset, TimeOfDay::Night];
        for pages in 1..=12 {
            let hours: Vec<usize> = (0..pages)
                .map(|page| hour(Arc::Journey, page, pages))
                .map(|time| order.iter().position(|it| *it == time).unwrap())
                .collect();
            assert!(hours.is_sorted(), "{pages}: {hours:?}");
            let mut different = hours.clone();
            different.dedup();
            assert!(
                different.len() >= pages.min(4) - usize::from(pages == 3),
                "{pages}: {hours:?}"
            );
        }
        assert_eq!(hour(Arc::Journey, 0, 1), TimeOfDay::Day);
        assert_eq!(hour(Arc::Dark, 7, 8), TimeOfDay::Night);
    }

    #[test]
    fn words_of_the_brief_choose_the_arc() {
        let arc = |text: &str, goal| arc_of(text, goal, false, &mut Random::new(&[text], 1));
        assert_eq!(arc("A fox finds a fallen star and carries it home", true), Arc::Return);
        assert_eq!(arc("Coral finds her shell", true), Arc::Search);
        assert_eq!(arc("an owl who was afraid of the dark", false), Arc::Dark);
        assert_eq!(arc("Leo has a birthday party with balloons", true), Arc::Party);
        assert_eq!(arc("a lonely robot meets a cat", false), Arc::Friend);
        assert_eq!(arc("a girl loses her kite", true), Arc::Search);
    }
}
