//! The list of stories by pages, and what editors change of rows.

use jiff::Timestamp;

use super::{AdminAction, Problem, STORIES_PAGE, Service, Subject};
use crate::story::{Counts, Scene, SceneEdit, SceneId, Show, Story, StoryId, StoryPage, StoryQuery};

impl Service {
    /// A page of the stories that a question lists, from `offset` on, [`STORIES_PAGE`] at most. For [`Show::Broken`] every link of
    /// the project is looked at first, unless that was done a moment ago.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn story_page(&self, query: &StoryQuery, offset: u64) -> Result<StoryPage, Problem> {
        if query.show == Show::Broken {
            return self.broken_page(query, offset).await;
        }
        Ok(self.inner.stories.page(query, offset, STORIES_PAGE).await?)
    }

    /// The same page as soon as it is there: how many stories are listed in all is said only if that is known anyhow. See
    /// [`Service::story_total`].
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn story_rows(&self, query: &StoryQuery, offset: u64) -> Result<StoryPage, Problem> {
        if query.show == Show::Broken {
            return self.broken_page(query, offset).await;
        }
        Ok(self.inner.stories.uncounted_page(query, offset, STORIES_PAGE).await?)
    }

    /// How many stories a question lists; None if the project gave up counting them.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn story_total(&self, query: &StoryQuery) -> Result<Option<u64>, Problem> {
        if query.show == Show::Broken {
            return Ok(self.broken_page(query, 0).await?.total);
        }
        Ok(self.inner.stories.total(query).await?)
    }

    /// How many stories of each kind there are, of those that the text and the status of a question leave. Those with broken links are
    /// counted if the links were looked at before.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn story_counts(&self, query: &StoryQuery) -> Result<Counts, Problem> {
        let mut counts = self.inner.stories.counts(query).await?;
        counts.broken = self.known_broken(query);
        Ok(counts)
    }

    /// Changes texts of a scene, of which `seen` is what the editor saw.
    ///
    /// # Errors
    /// If admin mode is locked, or somebody else changed one of the same texts meanwhile; nothing is changed then.
    pub async fn edit_scene(
        &self,
        story: &StoryId,
        scene: &SceneId,
        edit: SceneEdit,
        seen: &Scene,
    ) -> Result<(), Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        self.inner.stories.edit_scene(story, scene, &edit, seen).await?;
        self.changed(Subject::Scene(story.clone(), scene.clone()));
        Ok(())
    }

    /// Puts a new scene at a place from 0 among those of a story as the editor saw it. Its id.
    ///
    /// # Errors
    /// If the scenes are others by now, or in another order.
    pub async fn add_scene(&self, seen: &Story, at: usize, edit: SceneEdit) -> Result<SceneId, Problem> {
        let id = self.inner.stories.add_scene(seen, at, &edit).await?;
        self.changed(Subject::Story(seen.story_id.clone()));
        Ok(id)
    }

    /// Moves a scene of a story, as the editor saw it, to a place from 0.
    ///
    /// # Errors
    /// If admin mode is locked, or the scenes are others by now, or in another order.
    pub async fn move_scene(&self, seen: &Story, scene: &SceneId, to: usize) -> Result<(), Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let moved = self.inner.stories.move_scene(seen, scene, to).await;
        // Some of it may be done.
        self.changed(Subject::Story(seen.story_id.clone()));
        Ok(moved?)
    }

    /// Takes out a scene as the editor saw it. Its picture's object stays.
    ///
    /// # Errors
    /// If admin mode is locked, or the scene shows another picture by now.
    pub async fn remove_scene(&self, story: &StoryId, seen: &Scene) -> Result<(), Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        self.inner.stories.remove_scene(story, seen).await?;
        self.changed(Subject::Story(story.clone()));
        Ok(())
    }

    /// Gives a story, as the editor saw it, another title.
    ///
    /// # Errors
    /// If admin mode is locked, the title is none, or somebody else gave it another one meanwhile.
    pub async fn rename_story(&self, seen: &Story, title: &str) -> Result<(), Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.is_empty() {
            return Err(Problem::new("A story needs a title.", "Type one.").beside("title"));
        }
        self.inner.stories.rename(&seen.story_id, &seen.title, &title).await?;
        self.changed(Subject::Story(seen.story_id.clone()));
        Ok(())
    }

    /// Gives a story, as the editor saw it, another cover, or none.
    ///
    /// # Errors
    /// If admin mode is locked, or somebody else gave it another one meanwhile.
    pub async fn set_cover(&self, seen: &Story, cover: Option<&str>) -> Result<(), Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let now = seen.cover_image_url.as_deref();
        self.inner.stories.set_cover(&seen.story_id, now, cover).await?;
        self.changed(Subject::Story(seen.story_id.clone()));
        Ok(())
    }

    /// A page of those stories that have broken links.
    async fn broken_page(&self, query: &StoryQuery, offset: u64) -> Result<StoryPage, Problem> {
        let broken = self.broken_links(&|_| {}).await?;
        let any = query.text.trim().is_empty() && query.status.is_none();
        let (mut page, mut listed, now) = (StoryPage::default(), 0, Timestamp::now());
        let wanted = offset..offset + STORIES_PAGE;
        let ids = broken.stories();
        for (at, ids) in ids.chunks(usize::try_from(STORIES_PAGE).unwrap_or(100)).enumerate() {
            let first = at as u64 * STORIES_PAGE;
            // Without anything to look for in them, only those of the page are read.
            if any && (first + STORIES_PAGE <= wanted.start || first >= wanted.end) {
                listed += ids.len() as u64;
                continue;
            }
            let mut stories = self.inner.stories.of_ids(ids).await?;
            stories.sort_by_key(|story| ids.iter().position(|id| *id == story.story_id));
            for story in stories {
                if any || query.lists(&story, now) {
                    if wanted.contains(&listed) {
                        page.stories.push(story);
                    }
                    listed += 1;
                }
            }
        }
        page.total = Some(listed);
        Ok(page)
    }
}
