//! What each page's picture shows, in plain words that the lexicon reads back to the same cast, place, time and things.

use crate::local::lexicon::{Mood, Pose, Setting, Shot, Side, TimeOfDay, Weather};

use super::cast::Actor;
use super::grammar::{capitalise, list};
use super::place::Place;
use super::plot::Beat;
use super::random::Random;

/// How a picture is composed: how near, and where the hero is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Framing {
    pub(super) shot: Shot,
    pub(super) side: Side,
}

impl Framing {
    /// A framing for a beat that differs from the page before in both.
    pub(super) fn after(before: Option<Self>, beat: Beat, random: &mut Random) -> Self {
        let mut sides = vec![Side::Left, Side::Middle, Side::Right];
        sides.retain(|side| before.is_none_or(|it| it.side != *side));
        Self {
            shot: beat.shot(before.map(|it| it.shot)),
            side: random.pick(&sides).copied().unwrap_or(Side::Middle),
        }
    }
}

/// A picture, before it is words.
pub(super) struct Picture<'a> {
    pub(super) hero: &'a Actor,
    pub(super) others: Vec<&'a Actor>,
    pub(super) place: &'a Place,
    pub(super) time: TimeOfDay,
    /// None if the brief says nothing of it.
    pub(super) weather: Option<Weather>,
    /// "a castle", "three balloons".
    pub(super) props: Vec<String>,
    pub(super) framing: Framing,
    pub(super) pose: Pose,
    pub(super) mood: Mood,
}

/// Screen readers are best served by about this many characters.
const ALT_TEXT: usize = 125;

impl Picture<'_> {
    /// The whole picture, with everybody's look: the same words for the same cast on every page.
    pub(super) fn prompt(&self) -> String {
        let mut sentences = vec![
            format!(
                "{}, main character {}",
                shot_words(self.framing.shot),
                side_words(self.framing.side)
            ),
            format!(
                "{} {} {} {}",
                with_comma(self.hero.look()),
                self.action(),
                self.place.inside,
                time_words(self.time),
            ),
        ];
        for (index, other) in self.others.iter().enumerate() {
            let doing = ["stands close by", "waves", "looks on"][index.min(2)];
            sentences.push(format!("{} {doing}", with_comma(other.look())));
        }
        if !self.props.is_empty() {
            // "We see" keeps a thing out of everybody's hands.
            sentences.extend(self.props.iter().map(|prop| format!("We see {prop}")));
        }
        sentences.extend(self.weather.map(|weather| weather_words(weather).to_owned()));
        sentences
            .iter()
            .map(|sentence| capitalise(&squeezed(sentence)) + ".")
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// "happily waves", "jumps up in surprise".
    fn action(&self) -> String {
        let (pose, mood) = (pose_words(self.pose), mood_words(self.mood));
        if mood.ends_with("ly") {
            format!("{mood} {pose}")
        } else {
            format!("{pose} {mood}")
        }
    }

    /// One plain sentence: who does what, where, and then as much as is short.
    pub(super) fn alt_text(&self) -> String {
        let mut alt = squeezed(&format!(
            "{} {} {}",
            self.hero.glimpse(),
            self.action(),
            self.place.inside
        ));
        let with: Vec<String> = self.others.iter().map(|other| other.glimpse()).collect();
        let mut more = Vec::new();
        if self.time != TimeOfDay::Day {
            more.push(format!(" {}", time_words(self.time)));
        }
        if !with.is_empty() {
            more.push(format!(", with {}", list(&with)));
        }
        if let Some(first) = self.props.first() {
            more.push(format!(", near {first}"));
        }
        if !self.place.setting.is_indoors()
            && self.place.setting != Setting::Underwater
            && let Some(weather) = self.weather
        {
            more.push(weather_clause(weather).to_owned());
        }
        for part in more {
            if alt.chars().count() + part.chars().count() < ALT_TEXT {
                alt.push_str(&part);
            }
        }
        capitalise(&alt) + "."
    }
}

/// A comma closes what a comma opened.
fn with_comma(look: String) -> String {
    if look.contains(',') { look + "," } else { look }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shot_words(shot: Shot) -> &'static str {
    match shot {
        Shot::Wide => "wide shot",
        Shot::Medium => "medium shot",
        Shot::Close => "close-up",
    }
}

fn side_words(side: Side) -> &'static str {
    match side {
        Side::Left => "on the left",
        Side::Middle => "in the middle",
        Side::Right => "on the right",
    }
}

fn pose_words(pose: Pose) -> &'static str {
    match pose {
        Pose::Stand | Pose::Hold => "stands",
        Pose::Walk => "walks",
        Pose::Run => "runs",
        Pose::Wave => "waves",
        Pose::Sit => "sits",
        Pose::Sleep => "sleeps",
        Pose::Point => "points ahead",
        Pose::Jump => "jumps up",
        Pose::Hug => "gives a hug",
    }
}

fn mood_words(mood: Mood) -> &'static str {
    match mood {
        Mood::Calm => "",
        Mood::Happy => "happily",
        Mood::Sad => "sadly",
        Mood::Afraid => "timidly",
        Mood::Surprised => "in surprise",
        Mood::Sleepy => "sleepily",
        Mood::Angry => "angrily",
    }
}

fn time_words(time: TimeOfDay) -> &'static str {
    match time {
        TimeOfDay::Dawn => "at dawn",
        TimeOfDay::Day => "by day",
        TimeOfDay::Sunset => "at sunset",
        TimeOfDay::Night => "at night",
    }
}

fn weather_words(weather: Weather) -> &'static str {
    match weather {
        Weather::Clear => "the clear sky is wide",
        Weather::Cloudy => "it is cloudy",
        Weather::Rain => "rain is falling",
        Weather::Storm => "it is stormy",
        Weather::Snow => "snow is falling",
        Weather::Fog => "it is foggy",
        Weather::Wind => "it is windy",
        Weather::Rainbow => "a rainbow is in the sky",
    }
}

fn weather_clause(weather: Weather) -> &'static str {
    match weather {
        Weather::Clear => " under a clear sky",
        Weather::Cloudy => " under grey clouds",
        Weather::Rain => " in the rain",
        Weather::Storm => " in a storm",
        Weather::Snow => " in the snow",
        Weather::Fog => " in the mist",
        Weather::Wind => " in the wind",
        Weather::Rainbow => " under a rainbow",
    }
}
