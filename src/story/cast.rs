//! Who is in a story, and what they look like on every page.

use serde::{Deserialize, Serialize};

use super::variant::VariantId;

/// Somebody in a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CastMember {
    /// What they are called in the text.
    pub name: String,
    /// What they look like, in words for an image model.
    #[serde(default)]
    pub look: String,
    /// Whether it is a child, whose name is kept from providers.
    #[serde(default)]
    pub is_child: bool,
    /// The picture of them that others are drawn after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portrait: Option<VariantId>,
}
