//! Pictures from an image model, whatever its dialect.

use serde_json::{Map, Value};

use super::dialect::{comfy, gemini, loose, openai, openrouter, sdapi, together};
use super::{Abilities, Ai, AiError, PaintProgress, PaintRequest, Painted, text};
use crate::http::Call;
use crate::workspace::Dialect;

/// Bytes of a picture at most, and of the answer around it.
pub(super) const PICTURE_MAX: usize = 64 << 20;

impl Ai {
    /// Asks for one picture. It may cost money, so it is asked for once: only refusals that came before any work are
    /// repeated. At most as many are on their way as the provider is to be given; others wait for their turn. Dropping the
    /// future gives up, and stops servers that can be stopped.
    ///
    /// # Errors
    /// If the provider fails or refuses, if what it sends is no picture, or if the engine cannot do what is asked for.
    pub async fn paint(
        &self,
        request: &PaintRequest,
        progress: &(dyn Fn(PaintProgress) + Sync),
    ) -> Result<Painted, AiError> {
        self.able(request)?;
        // It is never closed.
        let _place = self.places.acquire().await;
        let result = match self.provider.dialect {
            Dialect::BuiltIn | Dialect::OpenAi => Box::pin(openai::paint(self, request)).await,
            Dialect::OpenRouter => Box::pin(openrouter::paint(self, request)).await,
            Dialect::Together => Box::pin(together::paint(self, request)).await,
            Dialect::OpenaiLoose => Box::pin(loose::paint(self, request)).await,
            Dialect::Sdapi => Box::pin(sdapi::paint(self, request, progress)).await,
            Dialect::Gemini => Box::pin(gemini::paint(self, request)).await,
            Dialect::Comfy => Box::pin(comfy::paint(self, request, progress)).await,
        };
        Box::pin(self.explained(result)).await
    }

    /// The model to ask: the request's own, else the provider's usual one.
    pub(super) fn image_model(&self, request: &PaintRequest) -> String {
        let own = request.model.as_deref().filter(|model| !model.trim().is_empty());
        own.unwrap_or(&self.provider.image_model).trim().to_owned()
    }

    /// Whether the engine can make that picture. Wishes that it cannot grant are left out; a picture without its base
    /// would be another one.
    fn able(&self, request: &PaintRequest) -> Result<(), AiError> {
        let (abilities, name) = (Abilities::of(&self.provider), &self.provider.name);
        let no = |what: String| Err(AiError::NotAble(what));
        if request.prompt.trim().is_empty() {
            return no("a picture needs words that say what it shows".to_owned());
        }
        let names_none = self.image_model(request).is_empty();
        if names_none && !matches!(self.provider.dialect, Dialect::Comfy | Dialect::Sdapi) {
            return no(format!("no model that draws is named for {name}"));
        }
        if request.base.is_some() && !abilities.base {
            return no(format!("{name} cannot start from a picture"));
        }
        let most = abilities.references_beside(request.base.is_some());
        if request.references.len() > most {
            return no(match (most, request.base.is_some()) {
                (0, false) => format!("{name} takes no reference pictures"),
                (0, true) => format!("{name} takes no reference pictures beside the one that it starts from"),
                (1, _) => format!("{name} takes at most one reference picture here"),
                (most, _) => format!("{name} takes at most {most} reference pictures here"),
            });
        }
        Ok(())
    }

    /// What is merged into a request for a picture.
    pub(super) fn extra(&self) -> Map<String, Value> {
        let mut extra = self.provider.extra.clone();
        extra.retain(|name, _| name != text::EXTRA && name != comfy::WORKFLOW);
        extra
    }

    /// A call that draws: models that draw and models that write fail apart.
    pub(super) fn drawing(&self, call: Call) -> Call {
        call.doing("Draw picture").endpoint("images").at_most(PICTURE_MAX)
    }

    /// A call that fetches what was drawn.
    pub(super) fn fetching(&self, call: Call) -> Call {
        call.doing("Fetch picture").endpoint("pictures").at_most(PICTURE_MAX)
    }
}
