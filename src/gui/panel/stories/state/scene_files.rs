//! Several files for the scenes of one story: which goes to which is looked at before anything is done.

use std::path::PathBuf;

use super::Deed;
use crate::gui::action::Action;
use crate::gui::review::not_seen;
use crate::media::MediaType;
use crate::service::{Feed, Problem, Service};
use crate::story::{SceneId, Story, StoryId, scenes_of_names};
use crate::transfer::Unseen;
use crate::transfer::plan::fix::Source;

/// A file, and the scene that it goes to.
pub struct SceneFile {
    /// What was found.
    pub source: Source,
    /// Its scene; none leaves it out.
    pub scene: Option<SceneId>,
}

impl SceneFile {
    /// Why it cannot be a picture of a scene, as a sentence.
    pub fn why_not(&self) -> Option<&str> {
        let shown = self.source.kind.is_some_and(MediaType::is_picture_we_show);
        match &self.source.refused {
            Some(reason) => Some(reason),
            None if !shown => Some("Not a picture that can be shown"),
            None => None,
        }
    }
}

/// Files that are looked at.
pub struct SceneFiles {
    /// The story.
    pub story: StoryId,
    /// The files, in the order in which they were found.
    pub files: Vec<SceneFile>,
    /// Whether they take the places of the pictures that are there at once, and are no candidates first.
    pub replace: bool,
    /// Why not all of them could be looked at.
    pub problem: Option<Problem>,
    paths: Vec<PathBuf>,
    looking: Option<Feed<Source, Vec<Unseen>>>,
}

impl SceneFiles {
    /// Looks at files and folders.
    pub fn of(story: StoryId, paths: Vec<PathBuf>) -> Self {
        Self {
            story,
            files: Vec::new(),
            replace: false,
            problem: None,
            paths,
            looking: None,
        }
    }

    /// Whether there may be more.
    pub fn is_looking(&self) -> bool {
        !self.paths.is_empty() || self.looking.is_some()
    }

    /// Starts what is due and takes in what has arrived.
    pub fn poll(&mut self, story: Option<&Story>, service: &Service) {
        if !self.paths.is_empty() {
            self.looking = Some(service.look_at_files(std::mem::take(&mut self.paths)));
        }
        let Some(arrived) = self.looking.as_ref().map(Feed::take) else {
            return;
        };
        let mut found = arrived.found;
        match arrived.end {
            None => {}
            Some(Ok(unseen)) => {
                found.extend(unseen.into_iter().map(not_seen));
                self.looking = None;
            }
            Some(Err(problem)) => {
                self.problem = Some(problem);
                self.looking = None;
            }
        }
        let found = found.into_iter().map(|source| SceneFile { source, scene: None });
        self.files.extend(found);
        if let (Some(story), None) = (story, &self.looking) {
            self.match_names(story);
        }
    }

    /// Gives each file the scene whose number its name has.
    fn match_names(&mut self, story: &Story) {
        let order = |file: &SceneFile| file.source.relative.to_lowercase();
        self.files.sort_by_cached_key(order);
        let fit: Vec<&mut SceneFile> = self.files.iter_mut().filter(|file| file.why_not().is_none()).collect();
        let names: Vec<&str> = fit.iter().map(|file| file.source.name()).collect();
        let scenes = scenes_of_names(&names, story.scenes.len());
        for (file, scene) in fit.into_iter().zip(scenes) {
            file.scene = scene.map(|at| story.scenes[at].scene_id.clone());
        }
    }

    /// Gives a file another scene; who had that one has none.
    pub fn give(&mut self, at: usize, scene: Option<SceneId>) {
        if scene.is_some() {
            for file in &mut self.files {
                file.scene.take_if(|had| Some(&*had) == scene.as_ref());
            }
        }
        if let Some(file) = self.files.get_mut(at) {
            file.scene = scene;
        }
    }

    /// How many files have a scene.
    pub fn given(&self) -> usize {
        self.files.iter().filter(|file| file.scene.is_some()).count()
    }

    /// Why nothing can be done now.
    pub fn why_not(&self) -> Option<&'static str> {
        if self.is_looking() {
            Some("The files are being looked at")
        } else if self.given() == 0 {
            Some("Give at least one file a scene")
        } else {
            None
        }
    }

    /// What is asked for.
    pub fn answer(self) -> Action {
        let given = |file: SceneFile| Some((file.scene?, file.source.path));
        Action::Do(Box::new(Deed::BringFiles {
            story: self.story,
            files: self.files.into_iter().filter_map(given).collect(),
            replace: self.replace,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::story;
    use super::*;

    fn file(name: &str, kind: Option<MediaType>) -> SceneFile {
        let source = Source {
            path: PathBuf::from(name),
            relative: name.to_owned(),
            size: 10,
            modified: None,
            kind,
            media_type: String::new(),
            dimensions: None,
            has_location: false,
            refused: None,
        };
        SceneFile { source, scene: None }
    }

    #[test]
    fn files_find_their_scenes_and_can_be_given_others() {
        let story = story("Pip", 3);
        let mut files = SceneFiles::of(story.story_id.clone(), Vec::new());
        assert!(files.why_not().is_some());
        files.files = vec![
            file("scene 2.png", Some(MediaType::Png)),
            file("scene 1.txt", None),
            file("scene 1.png", Some(MediaType::Png)),
        ];
        files.match_names(&story);
        let scenes = |files: &SceneFiles| -> Vec<Option<usize>> {
            let place = |scene: &SceneId| story.scenes.iter().position(|row| row.scene_id == *scene);
            files
                .files
                .iter()
                .map(|file| file.scene.as_ref().and_then(place))
                .collect()
        };
        assert_eq!(scenes(&files), [Some(0), None, Some(1)]);
        assert_eq!(files.given(), 2);

        files.give(2, Some(story.scenes[0].scene_id.clone()));
        assert_eq!(scenes(&files), [None, None, Some(0)], "two are never for one scene");
        files.give(2, None);
        assert!(files.why_not().is_some());
    }

    #[test]
    fn only_what_has_a_scene_is_brought() {
        let story = story("Pip", 2);
        let mut files = SceneFiles::of(story.story_id.clone(), Vec::new());
        files.files = vec![file("a.png", Some(MediaType::Png)), file("2.png", Some(MediaType::Png))];
        files.match_names(&story);
        let Action::Do(deed) = files.answer() else {
            panic!("another action")
        };
        let Deed::BringFiles { files, replace, .. } = *deed else {
            panic!("another deed")
        };
        assert!(!replace);
        assert_eq!(
            files,
            [(story.scenes[0].scene_id.clone(), PathBuf::from("2.png"))]
                .map(|(_, path)| { (story.scenes[1].scene_id.clone(), path) })
        );
    }
}
