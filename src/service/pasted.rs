//! A picture of the clipboard as a candidate.

use super::{Problem, Service};
use crate::media::{self, MediaType, Pixels};
use crate::story::{SceneId, StoryId, VariantId};

impl Service {
    /// Keeps a picture of the clipboard as a candidate for a scene, as a PNG that is called by the time.
    ///
    /// # Errors
    /// If it cannot be encoded or kept.
    pub async fn bring_pasted(&self, story: &StoryId, scene: &SceneId, pixels: Pixels) -> Result<VariantId, Problem> {
        let encoded = tokio::task::spawn_blocking(move || media::encode(&pixels, MediaType::Png, 0))
            .await
            .map_err(|_| Problem::stopped())??;
        let name = jiff::Timestamp::now()
            .to_zoned_datetime(jiff::tz::TimeZone::system())
            .strftime("pasted-%Y%m%d-%H%M%S.png")
            .to_string();
        self.bring_candidate(story, scene, encoded.into(), &name).await
    }
}
