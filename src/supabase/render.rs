//! Pictures that the server scales and converts. Hosted projects bill every distinct picture: thumbnails are made here
//! instead ([`crate::media`]).

use std::ops::Deref;

use ::http::Method;

use super::download::{Download, download};
use super::object::Access;
use super::url::Render;
use super::{Error, ObjectKey, Objects};

/// What is asked of the render route, within what it allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transform(Render);

/// Why a transformation is none that the server makes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TransformError {
    /// Width or height.
    #[error("a rendered picture can be 1 to {most} pixels wide and high, not {0}", most = Transform::MOST)]
    Side(u32),
    /// Quality.
    #[error("the quality of a rendered picture is 20 to 100, not {0}")]
    Quality(u8),
}

impl Transform {
    /// Pixels of a side at most, as documented for hosted projects. Servers of one's own render 2,000 at most and scale
    /// what is asked for beyond that down.
    pub const MOST: u32 = 2_500;

    /// Checks what is wanted.
    ///
    /// # Errors
    /// If a size or the quality is outside what the server allows.
    pub fn new(render: Render) -> Result<Self, TransformError> {
        let sides = [render.width, render.height];
        if let Some(side) = sides
            .into_iter()
            .flatten()
            .find(|side| !(1..=Self::MOST).contains(side))
        {
            return Err(TransformError::Side(side));
        }
        if let Some(quality) = render.quality.filter(|quality| !(20..=100).contains(quality)) {
            return Err(TransformError::Quality(quality));
        }
        Ok(Self(render))
    }
}

impl Deref for Transform {
    type Target = Render;

    fn deref(&self) -> &Render {
        &self.0
    }
}

impl Objects {
    /// A stored picture as the server renders it.
    ///
    /// # Errors
    /// [`Class::Unsupported`](super::Class::Unsupported) or [`Class::NotFound`](super::Class::NotFound) (code
    /// `InvalidRequest`) where nothing renders; [`Class::Invalid`](super::Class::Invalid) if it is no picture.
    pub async fn render(&self, key: &ObjectKey, transform: &Transform, access: Access) -> Result<Download, Error> {
        const OPERATION: &str = "Render picture";
        let mut path = self.at(OPERATION, &format!("render/image/{}", access.word()), key)?;
        let query = transform.query();
        if !query.is_empty() {
            path.push('?');
            path.push_str(&query);
        }
        let call = self.project.storage(OPERATION, self.target(key), Method::GET, &path);
        let answer = self.ask(call, access).await?;
        download(&answer.reply, None).map_err(|why| answer.unreadable(why))
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::super::Class;
    use super::super::testing::{bucket, json, key, lines, project};
    use super::super::url::{RenderFormat, Resize};
    use super::*;

    #[test]
    fn asks_for_what_the_server_makes_only() {
        let render = |width, quality| Render {
            width: Some(width),
            quality: Some(quality),
            ..Render::default()
        };
        assert!(Transform::new(render(1, 20)).is_ok() && Transform::new(render(2_500, 100)).is_ok());
        assert_eq!(Transform::new(render(0, 80)), Err(TransformError::Side(0)));
        assert_eq!(Transform::new(render(2_501, 80)), Err(TransformError::Side(2_501)));
        assert_eq!(Transform::new(render(9, 19)), Err(TransformError::Quality(19)));
        assert_eq!(
            TransformError::Side(0).to_string(),
            "a rendered picture can be 1 to 2500 pixels wide and high, not 0"
        );
    }

    #[tokio::test]
    async fn renders_by_key_and_by_public_url() {
        let (project, seen) = project(|request| {
            if request.path.contains("/none") {
                return json(
                    404,
                    serde_json::json!({"statusCode": "404", "error": "Not Found", "message": "Route GET:/render/image/authenticated/b/none not found", "code": "InvalidRequest"}),
                );
            }
            ([("content-type", "image/webp")], "picture").into_response()
        })
        .await;
        let transform = Transform::new(Render {
            width: Some(640),
            resize: Some(Resize::Contain),
            format: Some(RenderFormat::Webp),
            ..Render::default()
        })
        .unwrap();
        let objects = project.bucket(&bucket("b"));
        let picture = objects.render(&key("a b"), &transform, Access::Keyed).await.unwrap();
        assert_eq!(picture.content_type.as_deref(), Some("image/webp"));
        objects
            .render(&key("a"), &Transform::default(), Access::Public)
            .await
            .unwrap();
        assert_eq!(
            lines(&seen),
            [
                "GET /storage/v1/render/image/authenticated/b/a%20b?width=640&resize=contain&format=webp",
                "GET /storage/v1/render/image/public/b/a"
            ]
        );
        let error = objects
            .render(&key("none"), &transform, Access::Keyed)
            .await
            .unwrap_err();
        assert_eq!(error.class, Class::NotFound);
    }
}
