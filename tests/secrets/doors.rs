//! The doors of the wire: keys of each kind, the tokens of a session, signed links and permissions to upload.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::json;
use storymimi_studio::http::{Http, Secret, Transcript};
use storymimi_studio::service::{NewSecrets, Problem, Service, Workspaces};
use storymimi_studio::story::Brief;
use storymimi_studio::supabase::{
    BucketName, NewBucket, ObjectKey, ResumableUpload, Seekable, Session, Signing, Supabase, ThisRunOnly, Upload,
};
use storymimi_studio::workspace::{Access, ApiKey, Home, Keep, Profile, ProfileId, Provider, Workspace, WorkspaceId};
use storymimi_studio::workspace::{ProjectUrl, Vault};
use tokio_util::sync::CancellationToken;

use super::support::project::Project;
use super::{NoServer, assert_clean, assert_clean_transcript, both, files, holds, log, parrot};

#[tokio::test]
async fn keys_of_each_kind_are_in_no_file_error_or_log() {
    log::listen();
    let jwt = |role: &str| {
        use base64::Engine as _;
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!(r#"{{"role":"{role}"}}"#));
        format!("eyJhbGciOiJIUzI1NiJ9.{claims}.CANARYsignature0123456789")
    };
    let url = ProjectUrl::parse(&parrot().await).unwrap();
    for key in [
        jwt("service_role"),
        jwt("anon"),
        "sb_secret_CANARYkey0123456789".to_owned(),
        "sb_publishable_CANARYkey0123456789".to_owned(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let provider = Provider {
            key: Some(Secret::new("sk-CANARYprovider0123456789")),
            text_model: "t".into(),
            image_model: "i".into(),
            ..Provider::new("test", format!("{url}/v1"))
        };
        let workspace = Workspace::project(url.clone(), ApiKey::parse(&key).unwrap(), provider);
        let home = Home::at(folder.path());
        let (service, events) = Service::open(workspace, &home, tokio::runtime::Handle::current()).unwrap();
        let brief = Brief::new("Pip", "a fox", 1, 1).unwrap();
        let mut shown = both(&service.buckets().await.unwrap_err());
        shown.extend(both(&service.all_stories().await.unwrap_err()));
        let stopped = CancellationToken::new();
        shown.extend(both(
            &service.create_story(&brief, &|_| {}, &stopped).await.unwrap_err(),
        ));
        shown.push(format!("{:?}", service.workspace()));
        shown.extend(events.drain().map(|event| format!("{event:?}")));
        assert_clean(&service, &["CANARY"], &shown);
        service.close().await;
        for (name, bytes) in files(folder.path()) {
            assert!(!holds(&bytes, "CANARY"), "a key is in {name}");
        }
    }
}

/// Grants tokens, and refuses all else with what it was sent.
async fn granting() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(|request: Request| async move {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        let said = format!("{parts:?} {body}");
        let is_first = parts.uri.to_string().contains("grant_type=password");
        let answer: Response = if is_first || body.contains("CANARYrefresh0") {
            let pair = u8::from(!is_first);
            Json(json!({
                "access_token": format!("CANARYaccess{pair}0123456789"),
                "refresh_token": format!("CANARYrefresh{pair}0123456789"),
                "token_type": "bearer", "expires_in": 1,
                "user": {"id": "7c4b0c9e-7a39-4b36-9a5e-0d4f1d9a6f11", "email": "pip@example.org"},
            }))
            .into_response()
        } else {
            let error = json!({"code": 403, "error_code": "unexpected", "msg": said, "message": said, "error": said});
            (StatusCode::FORBIDDEN, Json(error)).into_response()
        };
        answer
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn the_tokens_of_a_session_are_in_no_file_error_or_log() {
    log::listen();
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let vault = Vault::without_keychain(&home);
    let runtime = tokio::runtime::Handle::current();
    let workspaces = Workspaces::with(home, vault, Arc::new(NoServer), Some(nobody()), runtime);
    workspaces.unlock_vault(Secret::new("CANARY passphrase")).await.unwrap();
    let url = ProjectUrl::parse(&granting().await).unwrap();
    let mut profile = Profile::new(ProfileId::parse("a").unwrap(), url.clone());
    profile.keep = Keep::File;
    profile.access = Access::SignIn {
        email: "pip@example.org".into(),
    };
    let secrets = NewSecrets {
        key: Some(ApiKey::parse("sb_publishable_CANARYkey0123456789").unwrap()),
        password: Some(Secret::new("CANARY secret password")),
        providers: Vec::new(),
        headers: Vec::new(),
    };
    let saved = workspaces.add(profile, secrets).await.unwrap();
    let mut shown = vec![format!("{saved:?}")];
    let (service, events) = workspaces
        .open(&WorkspaceId::Profile(saved.profile.id.clone()))
        .await
        .unwrap();
    // The first call exchanges the tokens; the next exchange is refused, by a server that repeats what it was sent.
    for _ in 0..2 {
        shown.extend(both(&service.buckets().await.unwrap_err()));
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    shown.push(format!("{:?}", service.workspace()));
    if let Err(problem) = service.sign_out().await {
        shown.extend(both(&problem));
    }
    shown.extend(events.drain().map(|event| format!("{event:?}")));
    shown.push(workspaces.export(Vec::new()).await.unwrap());
    assert_clean(&service, &["CANARY"], &shown);
    let exchanged = service
        .transcript()
        .exchanges()
        .iter()
        .filter(|exchange| format!("{exchange:?}").contains("grant_type=refresh_token"))
        .count();
    assert!(exchanged >= 2, "the tokens were exchanged, and refused");
    let granted = workspaces.transcript().exchanges();
    assert!(granted.iter().any(|exchange| exchange.operation == "Sign in"));
    assert_clean_transcript(workspaces.transcript(), &["CANARY"], &[]);
    service.close().await;
    for (name, bytes) in files(folder.path()) {
        assert!(!holds(&bytes, "CANARY"), "a token is in {name}");
    }

    // The same without the service, where the wire's own errors and types can be looked at.
    let transcript = Arc::new(Transcript::default());
    let http = Http::new(Arc::clone(&transcript)).unwrap();
    let key = ApiKey::parse("sb_publishable_CANARYkey0123456789").unwrap();
    let auth = Supabase::new(http.clone(), url.clone(), key.clone()).auth();
    let tokens = auth
        .sign_in("pip@example.org", &Secret::new("CANARY secret password"))
        .await
        .unwrap();
    let mut shown = vec![format!("{tokens:?}"), format!("{:?}", tokens.to_stored())];
    shown.push(format!(
        "{:?}",
        auth.refresh(&Secret::new("CANARYrefresh9123456789")).await.unwrap_err()
    ));
    shown.push(format!("{:?}", auth.user(&tokens.access).await.unwrap_err()));
    shown.push(format!("{:?}", auth.sign_out(&tokens.access).await));
    let session = Session::new(auth, tokens, Arc::new(ThisRunOnly));
    shown.push(format!("{session:?}"));
    let signed_in = Supabase::signed_in(http, url, key, session);
    shown.push(format!("{signed_in:?}"));
    shown.push(format!("{:?}", signed_in.buckets().list().await.unwrap_err()));
    assert_clean_transcript(&transcript, &["CANARY"], &shown);
}

/// A provider that is asked nothing.
fn nobody() -> Provider {
    Provider {
        text_model: "t".into(),
        image_model: "i".into(),
        ..Provider::new("nobody", "http://127.0.0.1:9/v1")
    }
}

#[tokio::test]
async fn signed_links_and_upload_permissions_stay_with_whom_they_were_made_for() {
    log::listen();
    let project = Project::start().await;
    let transcript = Arc::new(Transcript::default());
    let http = Http::new(Arc::clone(&transcript)).unwrap();
    let url = ProjectUrl::parse(project.server.url()).unwrap();
    let key = ApiKey::parse(project.server.service_key()).unwrap();
    let supabase = Supabase::new(http, url.clone(), key);
    let bucket = BucketName::parse("b").unwrap();
    supabase
        .buckets()
        .create(&NewBucket {
            name: bucket.clone(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
        })
        .await
        .unwrap();
    let objects = supabase.bucket(&bucket);
    let object = ObjectKey::parse("a/fox.txt").unwrap();
    let how = Upload::new("text/plain");
    let mut shown = Vec::new();
    let mut secrets: Vec<String> = Vec::new();

    // Stored by permission, in one piece and in pieces, and refused by one that is spent.
    let pass = objects
        .sign_upload(&object, false, &serde_json::Map::new())
        .await
        .unwrap();
    secrets.push(pass.token().expose().to_owned());
    shown.push(format!("{pass:?}"));
    let stored = objects.upload_signed(&pass, Bytes::from_static(b"fox"), &how).await;
    shown.push(format!("{:?}", stored.unwrap()));
    let again = objects.upload_signed(&pass, Bytes::from_static(b"fox"), &how).await;
    shown.push(format!("{:?}", again.unwrap_err()));
    let large = ObjectKey::parse("a/large.txt").unwrap();
    let pass = objects
        .sign_upload(&large, false, &serde_json::Map::new())
        .await
        .unwrap();
    secrets.push(pass.token().expose().to_owned());
    let mut uploading = ResumableUpload::by(&objects, &pass, &how).in_pieces_of(600);
    let mut source = Seekable::new(Cursor::new(vec![7_u8; 1_500])).await.unwrap();
    uploading.run(&mut source, &|_| {}).await.unwrap();
    shown.push(format!("{:?}", uploading.state()));

    // Read by a link, alone and in a batch, and refused by one that was changed.
    let hour = Signing::lasting(Duration::from_secs(3_600));
    let link = objects.sign(&object, &hour).await.unwrap();
    shown.push(format!("{link:?}"));
    objects.download_signed(&link).await.unwrap();
    secrets.push(link.expose().rsplit_once("token=").unwrap().1.to_owned());
    for link in objects.sign_many(&[object.clone(), large], &hour).await.unwrap() {
        let link = link.unwrap();
        shown.push(format!("{link:?}"));
        secrets.push(link.expose().rsplit_once("token=").unwrap().1.to_owned());
    }
    let signed = link.expose().to_owned();
    let damaged = signed.replace("token=", "token=X");
    for typed in [&signed, &damaged] {
        let rows = project.service.probe(&bucket, &object, Some(typed)).await.unwrap();
        let answers = rows.iter().map(|row| format!("{:?} {:?}", row.anonymous, row.with_key));
        shown.extend(answers);
    }

    let parts: Vec<&str> = secrets
        .iter()
        .flat_map(|token| [token.as_str(), token.rsplit('.').next().unwrap()])
        .collect();
    assert_clean_transcript(&transcript, &parts, &shown);
    assert_clean(&project.service, &parts, &[]);
    for (name, bytes) in files(project.folder.path()) {
        for part in &parts {
            assert!(!holds(&bytes, part), "a token is in {name}");
        }
    }
}

#[test]
fn a_problem_for_scripts_is_the_one_for_people() {
    let secret = "sb_secret_CANARY0123456789";
    let problem = Problem::from(ApiKey::parse(&format!("{secret} and more")).unwrap_err());
    for text in both(&problem) {
        assert!(!text.contains("CANARY"), "{text}");
    }
}
