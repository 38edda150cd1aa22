//! The seam between the server's routes and the built-in engines: what is asked of them and what comes back.

/// What a story is to be about.
#[derive(Clone, Debug)]
pub struct Brief {
    /// The title that the author gave it.
    pub title: String,
    /// What it is about, in the author's words.
    pub prompt: String,
    /// How many scenes.
    pub scenes: usize,
    /// The same brief and seed give the same story.
    pub seed: u64,
    /// About how many words a scene has.
    pub words_per_scene: usize,
}

/// A story.
#[derive(Clone, Debug)]
pub struct Tale {
    /// Its title.
    pub title: String,
    /// Its scenes, in order.
    pub pages: Vec<Page>,
}

/// One scene of a story.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its heading.
    pub title: String,
    /// What is told.
    pub text: String,
    /// What its picture shows, for the illustrator.
    pub image_prompt: String,
    /// What its picture shows, for those who cannot see it.
    pub alt_text: String,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The file.
    pub png: Vec<u8>,
    /// Words of the prompt that are in the picture.
    pub understood: Vec<String>,
    /// Words of the prompt that are not.
    pub not_drawn: Vec<String>,
}

/// The engines as plain functions, so that tests can put others in their place. An error is a sentence for the user.
#[derive(Clone, Copy)]
pub struct Engines {
    /// Name and version of the storyteller.
    pub storyteller: &'static str,
    /// Name and version of the illustrator.
    pub illustrator: &'static str,
    /// Tells a story.
    pub tell: fn(&Brief) -> Result<Tale, String>,
    /// Draws a picture of a prompt: seed, width and height in pixels.
    pub draw: fn(&str, u64, u32, u32) -> Result<Drawing, String>,
}

impl Engines {
    /// TEMPORARY until the engine branches are merged.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            storyteller: "none",
            illustrator: "none",
            tell: |_| Err("not merged yet".into()),
            draw: |_, _, _, _| Err("not merged yet".into()),
        }
    }
}
