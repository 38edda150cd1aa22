//! The built-in storyteller: a brief to scenes without a model, the same for the same brief and seed.
//!
//! A tale has eight beats, told on as many pages as are asked for, along one of seven arcs that the brief's words
//! choose. The sentences are in `assets/storyteller/en.txt`; here is how they are chosen and joined. What the brief says
//! (hero, clothes, helper, things, place, time, weather) is read by [`super::lexicon`] and kept; the rest is invented.
//! Pictures are not drawn here: each page only says, in words the illustrator reads, what its picture shows.

mod cast;
mod grammar;
mod guard;
mod page;
mod picture;
mod place;
mod plot;
mod random;
mod sentences;
mod things;

use super::lexicon::{self, Heard, Setting, Shot, TimeOfDay, Weather};
use cast::Actor;
use page::PageText;
use picture::{Framing, Picture};
use place::Place;
use plot::{Arc, Beat};
use random::Random;
use sentences::{Deck, Teller};
use things::Goal;

/// The name under which tales of this engine are kept and shown.
pub const ENGINE: &str = "Built-in storyteller (no AI)";

/// The most scenes of a tale.
pub const MOST_SCENES: usize = 12;

/// What a tale is to be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// The title, as the user gave it.
    pub title: String,
    /// What happens to whom, in the user's words.
    pub prompt: String,
    /// How many pages, 1 to [`MOST_SCENES`].
    pub scenes: usize,
    /// Another seed tells the same brief in other words.
    pub seed: u64,
    /// About how many words a page has; 20 to 150, what is outside is brought inside.
    pub words_per_scene: usize,
}

/// A tale, ready to be illustrated. All of its texts are plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tale {
    /// The brief's title, in one line.
    pub title: String,
    /// Who is in it, the hero first.
    pub cast: Vec<Member>,
    /// The pages, as many as were asked for.
    pub scenes: Vec<Page>,
    /// What of the brief was understood, as it is shown to the user.
    pub understood: Vec<String>,
    /// Words of the brief that nothing is known about.
    pub not_understood: Vec<String>,
}

/// A page of a tale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// A few words to find the page by.
    pub title: String,
    /// What is read aloud.
    pub text: String,
    /// What the picture shows, with everybody's whole look.
    pub image_prompt: String,
    /// The picture in one sentence for those who do not see it.
    pub alt_text: String,
}

/// Somebody in a tale, the same on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// "Pip", "the fox".
    pub name: String,
    /// Everything that makes the look.
    pub look: String,
    /// Whether it is a child of a person.
    pub is_child: bool,
}

/// Why no tale was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorytellerError {
    /// The title has no letters.
    #[error("the title is empty; give the story a name")]
    EmptyTitle,
    /// The prompt has no letters.
    #[error("the prompt is empty; say who the story is about and what happens")]
    EmptyPrompt,
    /// The number of scenes is outside 1 to [`MOST_SCENES`].
    #[error("a story has 1 to {MOST_SCENES} scenes, not {0}")]
    SceneCount(usize),
    /// The brief has a word that has no place in a children's story.
    #[error("“{0}” has no place in a children's story; choose another word")]
    BlockedWord(String),
}

const LONGEST_TITLE: usize = 120;

/// Tells a tale.
///
/// # Errors
///
/// If the title or the prompt is empty, the number of scenes is out of range, or a word is not fit for children.
pub fn tell(brief: &Brief) -> Result<Tale, StorytellerError> {
    let title = guard::plain(&brief.title, LONGEST_TITLE);
    let prompt = guard::plain(&brief.prompt, usize::MAX);
    if !title.chars().any(char::is_alphanumeric) {
        return Err(StorytellerError::EmptyTitle);
    }
    if prompt.is_empty() {
        return Err(StorytellerError::EmptyPrompt);
    }
    if !(1..=MOST_SCENES).contains(&brief.scenes) {
        return Err(StorytellerError::SceneCount(brief.scenes));
    }
    guard::check(&brief.title)?;
    guard::check(&brief.prompt)?;
    let story = Story::plan(&title, &prompt, brief);
    let member = |actor: &Actor| Member {
        name: actor.short(),
        look: actor.look(),
        is_child: actor.is_child(),
    };
    Ok(Tale {
        cast: story.actors.iter().map(member).collect(),
        scenes: story.tell(),
        understood: story.heard.reading.understood,
        not_understood: story.heard.reading.unknown,
        title,
    })
}

/// Everything that is decided before the first sentence.
struct Story {
    title: String,
    heard: Heard,
    arc: Arc,
    actors: Vec<Actor>,
    goal: Goal,
    place: Place,
    /// What lies about besides the goal: "a castle", "three balloons".
    props: Vec<String>,
    scenes: usize,
    words: usize,
    seed: u64,
}

impl Story {
    fn plan(title: &str, prompt: &str, brief: &Brief) -> Self {
        let both = format!("{title}. {prompt}");
        let mut random = Random::new(&[title, prompt, "plan"], brief.seed);
        let mut heard = hear(title, prompt);
        let place = Place::new(&heard);
        let night = heard.time == Some(TimeOfDay::Night);
        let said = Goal::among(&heard, false);
        let arc = plot::arc_of(&both, said.is_some(), night, &mut random);
        let said = Goal::among(&heard, arc == Arc::Journey).filter(|_| arc.has_goal());
        let goal = match said {
            Some(index) => {
                heard.reading.props.remove(index);
                Goal::new(&heard.prop_nouns.remove(index))
            }
            None => Goal::invented(&heard, place.setting, arc, &both, &mut random),
        };
        let mut actors = cast::cast(&heard, &both, place.setting, &mut random);
        if arc == Arc::Helping && actors.len() > 2 {
            // "Grandma and Lily help a hedgehog": the one who is helped comes last.
            actors[1..].rotate_right(1);
        }
        let props = heard
            .reading
            .props
            .iter()
            .zip(&heard.prop_nouns)
            // A party is not a thing to point at.
            .filter(|(prop, _)| prop.sprite != "party-popper")
            .take(5)
            .map(|(prop, noun)| {
                let number = format!("{} ", prop.count);
                let said = heard.reading.understood.iter().any(|it| it.starts_with(&number));
                things::counted(prop, noun, said)
            })
            .collect();
        Self {
            title: title.to_owned(),
            heard,
            arc,
            actors,
            goal,
            place,
            props,
            scenes: brief.scenes,
            words: brief.words_per_scene.clamp(20, 150),
            seed: brief.seed,
        }
    }

    fn tell(&self) -> Vec<Page> {
        let mut deck = Deck::new(Random::new(&[&self.title, "deck"], self.seed));
        let mut random = Random::new(&[&self.title, "pictures"], self.seed);
        let when = self.when();
        let mut teller = Teller {
            hero: &self.actors[0],
            helper: self.actors.get(1).unwrap_or(&self.actors[0]),
            extras: self.actors.get(2..).unwrap_or_default(),
            goal: &self.goal,
            place: &self.place,
            props: &self.props,
            title: &self.title,
            when: &when,
            helper_known: false,
            goal_known: false,
            unclear: true,
            spoken: sentences::Spoken::default(),
        };
        let mut facts = self.facts();
        let mut framing = None;
        plot::pages(self.scenes, self.words)
            .iter()
            .enumerate()
            .map(|(number, beats)| {
                teller.turn_page();
                let time = self.time(number);
                let first = beats.first().copied().unwrap_or(Beat::Opening);
                let mut page = PageText::new(self, &mut deck, &teller, &mut facts);
                page.tell(beats, &self.ambience(time));
                let text = page.written(&mut teller);
                let title = if self.scenes == 1 {
                    self.title.clone()
                } else {
                    let telling = deck.draw(&[&format!("title {}", first.section())]);
                    telling.map_or_else(|| self.title.clone(), |telling| teller.clone().fill(telling[0]))
                };
                let beat = plot::pictured(beats);
                let framed = Framing::after(framing, beat, &mut random);
                framing = Some(framed);
                let picture = self.picture(beat, time, framed, &mut random);
                Page {
                    title,
                    text,
                    image_prompt: picture.prompt(),
                    alt_text: picture.alt_text(),
                }
            })
            .collect()
    }

    /// What the brief says beyond the plot, by the section that tells it.
    fn facts(&self) -> Vec<&'static str> {
        let hero = &self.actors[0];
        let mut facts = Vec::new();
        if !hero.clothes.is_empty() {
            facts.push("look");
        }
        if hero.held.is_some() {
            facts.push("carry");
        }
        if !self.props.is_empty() {
            facts.push("scenery");
        }
        if self.heard.time.is_some() || self.heard.weather.is_some() {
            facts.push("when");
        }
        if self.actors.len() > 2 {
            facts.push("extras");
        }
        if self.heard.reading.cast.is_empty() {
            facts.push("titled");
        }
        facts
    }

    /// "one snowy night"
    fn when(&self) -> String {
        let time = match self.heard.time {
            None => "day",
            Some(TimeOfDay::Dawn) => "morning",
            Some(TimeOfDay::Day) => "bright day",
            Some(TimeOfDay::Sunset) => "evening",
            Some(TimeOfDay::Night) => "night",
        };
        let weather = match self.heard.weather {
            None => "",
            Some(Weather::Clear) if self.heard.time == Some(TimeOfDay::Night) => "clear ",
            Some(Weather::Clear) => "sunny ",
            Some(Weather::Cloudy) => "cloudy ",
            Some(Weather::Rain) => "rainy ",
            Some(Weather::Storm) => "stormy ",
            Some(Weather::Snow) => "snowy ",
            Some(Weather::Fog) => "foggy ",
            Some(Weather::Wind) => "windy ",
            Some(Weather::Rainbow) => return format!("one {time} when a rainbow stood in the sky"),
        };
        format!(
            "one {weather}{}",
            if weather.is_empty() {
                time
            } else {
                time.trim_start_matches("bright ")
            }
        )
    }

    fn picture(&self, beat: Beat, time: TimeOfDay, framing: Framing, random: &mut Random) -> Picture<'_> {
        let mut others: Vec<&Actor> = Vec::new();
        if beat.has_helper(self.arc) {
            others.extend(self.actors.get(1));
        }
        if beat >= Beat::SetOut {
            others.extend(self.actors.get(2..).unwrap_or_default());
        }
        // A close-up is of the hero and at most one other.
        if framing.shot == Shot::Close {
            others.truncate(1);
        }
        let mut props = self.props.clone();
        if self.arc.shows_goal(beat) {
            props.push(self.goal.presented());
        }
        Picture {
            hero: &self.actors[0],
            others,
            place: &self.place,
            time,
            weather: self.heard.weather,
            props,
            framing,
            pose: random
                .pick(beat.poses(self.arc))
                .copied()
                .unwrap_or(lexicon::Pose::Stand),
            mood: beat.mood(self.arc),
        }
    }

    /// When a page plays: as the brief says, or as the day goes by.
    fn time(&self, page: usize) -> TimeOfDay {
        self.heard
            .time
            .unwrap_or_else(|| plot::hour(self.arc, page, self.scenes))
    }

    /// The sections that paint the scene at an hour.
    fn ambience(&self, time: TimeOfDay) -> Vec<&'static str> {
        let mut sections = vec![self.place.section()];
        let outdoors = !self.place.setting.is_indoors()
            && !matches!(self.place.setting, Setting::Underwater | Setting::Space | Setting::Cave);
        if !outdoors {
            return sections;
        }
        sections.extend(self.heard.weather.map(|weather| match weather {
            Weather::Clear => "weather clear",
            Weather::Cloudy => "weather cloudy",
            Weather::Rain => "weather rain",
            Weather::Storm => "weather storm",
            Weather::Snow => "weather snow",
            Weather::Fog => "weather fog",
            Weather::Wind => "weather wind",
            Weather::Rainbow => "weather rainbow",
        }));
        let clouded = !matches!(self.heard.weather, None | Some(Weather::Clear));
        if !clouded {
            sections.push(match time {
                TimeOfDay::Dawn => "time dawn",
                TimeOfDay::Day => "time day",
                TimeOfDay::Sunset => "time sunset",
                TimeOfDay::Night => "time night",
            });
        }
        sections
    }
}

/// Reads title and prompt together: the prompt says who it is about, the title may name them and their thing.
fn hear(title: &str, prompt: &str) -> Heard {
    let mut heard = lexicon::hear(prompt);
    let from_title = lexicon::hear(title);
    if heard.reading.cast.is_empty() {
        heard.reading.cast.clone_from(&from_title.reading.cast);
        heard.cast_nouns.clone_from(&from_title.cast_nouns);
        heard.held_nouns.clone_from(&from_title.held_nouns);
        heard.garment_nouns.clone_from(&from_title.garment_nouns);
    }
    if !heard.reading.setting_said && from_title.reading.setting_said {
        heard.reading.setting = from_title.reading.setting;
        heard.reading.setting_said = true;
        heard.place = from_title.place;
    }
    heard.time = heard.time.or(from_title.time);
    heard.weather = heard.weather.or(from_title.weather);
    for (prop, noun) in from_title.reading.props.into_iter().zip(from_title.prop_nouns) {
        let known = heard.prop_nouns.iter().any(|it| it.ends_with(last_word(&noun)))
            || heard.reading.props.iter().any(|it| it.sprite == prop.sprite)
            || heard
                .held_nouns
                .iter()
                .flatten()
                .any(|it| it.ends_with(last_word(&noun)));
        if !known {
            heard.reading.props.push(prop);
            heard.prop_nouns.push(noun);
        }
    }
    name_from_title(title, &mut heard);
    for word in from_title.reading.understood {
        if !heard.reading.understood.contains(&word) {
            heard.reading.understood.push(word);
        }
    }
    heard
}

fn last_word(phrase: &str) -> &str {
    phrase.rsplit(' ').next().unwrap_or(phrase)
}

/// In "Otis and the Rainbow Kite" Otis is who the prompt calls "a boy".
fn name_from_title(title: &str, heard: &mut Heard) {
    let Some(hero) = heard.reading.cast.first_mut() else {
        return;
    };
    if hero.name.is_some() {
        return;
    }
    let first = title.split_whitespace().next().unwrap_or_default();
    let name = first
        .trim_end_matches("'s")
        .trim_end_matches("’s")
        .trim_end_matches([',', ':']);
    let rest = title.split_whitespace().nth(1).map(lexicon::read);
    let adjective = rest.is_some_and(|it| !it.cast.is_empty() || !it.props.is_empty());
    let like_a_name = !adjective
        && name.chars().next().is_some_and(char::is_uppercase)
        && name.chars().skip(1).all(char::is_lowercase)
        && (3..=14).contains(&name.chars().count());
    if like_a_name && lexicon::could_be_name(name) {
        hero.name = Some(name.to_owned());
        heard.reading.unknown.retain(|word| !word.eq_ignore_ascii_case(name));
    }
}

#[cfg(test)]
mod tests;
