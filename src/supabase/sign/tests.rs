//! Links are made by the batch, rebuilt from their tokens, and never printed.

use axum::response::IntoResponse as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::testing::{bucket, json, key, lines, no_bucket, project, storage_error};
use super::super::url::{Render, Resize};
use super::*;
use base64::Engine as _;

fn token_for(object: &str) -> String {
    let claims = json!({"url": object, "scope": "download", "iat": 1_790_000_000, "exp": 1_800_000_000});
    format!(
        "eyJhbGciOiJIUzI1NiJ9.{}.c2ln",
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

fn hour() -> Signing {
    Signing::lasting(Duration::from_secs(3_600))
}

#[tokio::test]
async fn every_key_is_signed_by_the_batch_and_its_link_rebuilt() {
    let (project, seen) = project(|request| {
        let paths = request.json()["paths"].as_array().unwrap().clone();
        let rows = paths.iter().map(|path| {
            let path = path.as_str().unwrap();
            if path == "gone" {
                let error = "Either the object does not exist or you do not have access to it";
                return json!({"error": error, "path": path, "signedURL": null});
            }
            let token = token_for(&format!("my b/{path}"));
            json!({"error": null, "path": path, "signedURL": format!("/object/sign/my b/{path}?token={token}")})
        });
        // In an order of its own.
        json(200, rows.rev().collect())
    })
    .await;
    let objects = project.bucket(&bucket("my b"));
    let keys = [key("d/a&b=c+d.png"), key("gone"), key("what?token=no.png")];
    let how = Signing {
        save_as: Some("Pip & Co.png".into()),
        ..hour()
    };
    let links = objects.sign_many(&keys, &how).await.unwrap();
    let link = links[0].as_ref().unwrap();
    let token = token_for("my b/d/a&b=c+d.png");
    assert_eq!(
        link.expose(),
        format!(
            "{}/storage/v1/object/sign/my%20b/d/a%26b%3Dc%2Bd.png?token={token}&download=Pip%20%26%20Co.png",
            project.url()
        )
    );
    assert_eq!(link.ends, Some("2027-01-15T08:00:00Z".parse().unwrap()));
    let missing = links[1].as_ref().unwrap_err();
    assert_eq!((missing.class, missing.target.as_str()), (Class::NotFound, "my b/gone"));
    let link = links[2].as_ref().unwrap();
    let rebuilt = format!("?token={}", token_for("my b/what?token=no.png"));
    assert!(link.expose().contains(&rebuilt) && link.expose().contains("what%3Ftoken%3Dno.png"));
    assert!(!format!("{links:?}").contains("c2ln"));
    assert_eq!(lines(&seen), ["POST /storage/v1/object/sign/my%20b"]);

    let one = objects.sign(&key("one"), &hour()).await.unwrap();
    assert!(one.expose().ends_with(&token_for("my b/one")));
}

#[tokio::test]
async fn more_than_the_server_takes_are_signed_in_turns() {
    let (project, seen) = project(|request| {
        let paths = request.json()["paths"].as_array().unwrap().clone();
        json(
            200,
            paths
                .iter()
                .map(|path| json!({"error": null, "path": path, "signedURL": "/object/sign/b/x?token=t"}))
                .collect(),
        )
    })
    .await;
    let keys: Vec<_> = (0..2_001).map(|n| key(&format!("k{n}"))).collect();
    let links = project.bucket(&bucket("b")).sign_many(&keys, &hour()).await.unwrap();
    assert!(links.len() == 2_001 && links.iter().all(Result::is_ok));
    let sizes: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|request| request.json()["paths"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [1_000, 1_000, 1]);
}

#[tokio::test]
async fn nothing_signed_at_all_is_looked_into() {
    let (project, _) = project(|request| {
        if request.method == Method::GET {
            return no_bucket();
        }
        json(200, json!([{"error": "Either …", "path": "a", "signedURL": null}]))
    })
    .await;
    let error = project.bucket(&bucket("b")).sign(&key("a"), &hour()).await.unwrap_err();
    assert_eq!(error.class, Class::BucketNotFound);
}

#[tokio::test]
async fn a_link_for_another_object_or_without_a_token_is_not_handed_out() {
    for link in [
        format!("/object/sign/b/a?token={}", token_for("b/a%2Bb")),
        "/object/sign/b/a".to_owned(),
        "/object/sign/b/a?token=".to_owned(),
    ] {
        let (project, _) =
            project(move |_| json(200, json!([{"error": null, "path": "a+b", "signedURL": link}]))).await;
        let error = project.bucket(&bucket("b")).sign(&key("a+b"), &hour()).await;
        assert_eq!(error.unwrap_err().class, Class::Unexpected);
    }
    // Rows for other objects than those that were named.
    let (project, _) = project(|_| {
        json(
            200,
            json!([{"error": null, "path": "b", "signedURL": "/object/sign/b/b?token=t"}]),
        )
    })
    .await;
    let error = project.bucket(&bucket("b")).sign(&key("a"), &hour()).await;
    assert_eq!(error.unwrap_err().class, Class::Unexpected);
}

#[tokio::test]
async fn rendered_pictures_are_signed_with_reserved_characters_as_they_are() {
    let (project, seen) = project(|request| {
        // As the real server does: it signs the path after decodeURI.
        let path = request.path.split("/object/sign/").nth(1).unwrap().replace("%20", " ");
        json(
            200,
            json!({"signedURL": format!("/render/image/sign/{path}?token={}", token_for(&path))}),
        )
    })
    .await;
    let objects = project.bucket(&bucket("b"));
    let transform = Transform::new(Render {
        width: Some(100),
        resize: Some(Resize::Cover),
        ..Render::default()
    })
    .unwrap();
    let link = objects.sign_rendered(&key("a b+c&d.png"), &transform, &hour()).await;
    let link = link.unwrap();
    assert!(
        link.expose()
            .contains("/storage/v1/render/image/sign/b/a%20b%2Bc%26d.png?token="),
        "{}",
        link.expose()
    );
    let request = seen.lock().unwrap().remove(0);
    assert_eq!(request.line(), "POST /storage/v1/object/sign/b/a%20b+c&d.png");
    assert_eq!(
        request.json(),
        json!({"expiresIn": 3600, "transform": {"width": 100, "resize": "cover"}})
    );
    let error = objects.sign_rendered(&key("what?.png"), &transform, &hour()).await;
    assert_eq!(error.unwrap_err().class, Class::Invalid);
    let error = objects
        .sign(&key("a"), &Signing::lasting(Duration::from_millis(900)))
        .await;
    assert_eq!(error.unwrap_err().class, Class::Invalid);
}

#[tokio::test]
async fn a_permission_stores_one_object_without_a_key() {
    let (project, seen) = project(|request| match (&request.method, request.path.contains("taken")) {
        (_, true) => storage_error("409", "KeyAlreadyExists", "The resource already exists"),
        (&Method::POST, _) => {
            let token = token_for("b/a");
            json(
                200,
                json!({"url": format!("/object/upload/sign/b/a?token={token}"), "token": token}),
            )
        }
        (&Method::PUT, _) => json(200, json!({"Key": "b/a"})),
        _ => "bytes".into_response(),
    })
    .await;
    let objects = project.bucket(&bucket("b"));
    let pass = objects.sign_upload(&key("a"), false, &Map::new()).await.unwrap();
    assert!(pass.ends.is_some() && !format!("{pass:?}").contains("c2ln"));
    let stored = objects
        .upload_signed(&pass, Bytes::from_static(b"x"), &Upload::new("image/png"))
        .await
        .unwrap();
    assert_eq!(stored.key, key("a"));
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(seen[0].body.len(), 0);
    assert_eq!(seen[0].header("content-type"), None, "no type without a body");
    assert_eq!(
        seen[1].line(),
        format!("PUT /storage/v1/object/upload/sign/b/a?token={}", token_for("b/a"))
    );
    assert_eq!(
        (seen[1].header("apikey"), seen[1].header("authorization")),
        (None, None)
    );
    let error = objects
        .sign_upload(&key("taken"), false, &Map::new())
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Exists);
}

#[test]
fn the_last_token_counts() {
    assert_eq!(last_token("/object/sign/b/a?token=x"), Some("x"));
    assert_eq!(last_token("/object/sign/b/a?token=x&download="), Some("x"));
    assert_eq!(last_token("/object/sign/b/a?token=no.png?token=yes"), Some("yes"));
    assert_eq!(last_token("/object/sign/b/a"), None);
    assert_eq!(last_token("/object/sign/b/a?token="), None);
}
