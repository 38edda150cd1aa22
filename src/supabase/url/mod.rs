//! The URLs of stored objects: built, taken apart and explained. Pure strings; nothing is sent and nothing is looked up.

mod build;
mod check;
mod encode;
mod explain;
mod explained;
mod secret;
mod split;
pub(super) mod token;
mod variants;

pub use build::{
    API_ROOT, Render, RenderFormat, Resize, authenticated_render_url, authenticated_url, download_url, info_url,
    object_url, public_url, render_url, resumable_url, signed_render_url, signed_url, upload_url,
};
pub use encode::{encode_for_signing, encode_key, encode_segment};
pub use explain::{MediaRef, apply, apply_all, explain};
pub use explained::{
    Access, Context, Explained, Fix, ObjectRef, ProblemKind, Segment, SegmentKind, Severity, UrlProblem, Variant,
    VariantKind,
};
