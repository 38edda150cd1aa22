//! Does the key let us in, and what is to be seen with it?

use std::sync::Arc;

use ::http::Method;
use jiff::Timestamp;

use super::reach::{Reached, version, version_url};
use super::{Draft, Fix, Found, counted};
use crate::http::{Call, Http};
use crate::service::Problem;
use crate::supabase::{
    Bucket, BucketName, Class, Entry, Error as WireError, ListApi, Session, Supabase, ThisRunOnly, url,
};
use crate::workspace::{Access, Belongs, KeyFacts, Lifetime};

/// A project with what the first look at its storage found.
pub(super) struct Project {
    pub(super) supabase: Supabase,
    /// Objects of the bucket that pictures go to, as far as the first page has them.
    pub(super) objects: Vec<Entry>,
}

/// A project that the key opened.
pub(super) struct Entered {
    pub(super) supabase: Supabase,
    pub(super) objects: Vec<Entry>,
    pub(super) buckets: Vec<Bucket>,
    /// A session that the test itself began.
    own_session: Option<Session>,
}

impl Entered {
    /// Ends the session that the test began, so that it leaves nothing behind.
    pub(super) async fn leave(&self) {
        if let Some(session) = &self.own_session {
            // If the server does not hear of it, the session ends there by itself.
            let _ = session.sign_out().await;
        }
    }
}

/// The user's session, and whether the test began it.
async fn session(draft: &Draft, email: &str, supabase: &Supabase) -> Result<(Session, bool), Found> {
    let auth = supabase.auth();
    let Some(password) = &draft.password else {
        return match &draft.session {
            Some(session) => Ok((session.clone(), false)),
            None => Err(Found::skipped("Type the password to test signing in")),
        };
    };
    match auth.sign_in(email, password).await {
        Ok(tokens) => Ok((Session::new(auth, tokens, Arc::new(ThisRunOnly)), true)),
        Err(error) if error.code.as_deref() == Some("invalid_credentials") => Err(Found::failed(
            "E-mail or password is wrong",
            "Check both, and that this project is the right one.",
        )),
        Err(error) if error.class == Class::BadKey => Err(refused(draft, error)),
        Err(error) => Err(Found::problem(&Problem::from(error))),
    }
}

/// What a key says of itself that makes it useless here. It is not sent anywhere then.
pub(super) fn wrong_key(draft: &Draft, now: Timestamp) -> Option<Found> {
    let facts = KeyFacts::of(&draft.key, now);
    if let Lifetime::Ended(end) = facts.lifetime {
        let advice = "Copy the present key from the project's settings, API keys.";
        return Some(Found::failed(format!("This key ended on {}", day(end)), advice).with(Fix::ChangeKey));
    }
    if facts.belongs_to(&draft.url) == Belongs::No {
        let theirs = facts.project.unwrap_or_default();
        let words = format!("This key is for the project {theirs}, not for {}", draft.url.host());
        return Some(Found::failed(words, "Copy URL and key from the same project.").with(Fix::ChangeKey));
    }
    None
}

fn day(at: Timestamp) -> String {
    at.strftime("%-d %b %Y").to_string()
}

/// What the storage server can do: its version, resumable uploads, the second listing.
pub(super) async fn storage_api(draft: &Draft, http: &Http, reached: &Reached) -> (Found, Option<Project>) {
    let supabase = Supabase::new(http.clone(), draft.url.clone(), draft.key.clone());
    let mut told = reached.version.clone();
    if told.is_none() && reached.wants_key {
        let call = Call::new("Test connection", draft.url.host(), Method::GET, version_url(draft)).at_most(1 << 20);
        told = supabase.reply_to(call).await.ok().as_ref().and_then(version);
    }
    let call = Call::new(
        "Test resumable uploads",
        "",
        Method::OPTIONS,
        url::resumable_url(&draft.url),
    )
    .header("tus-resumable", "1.0.0")
    .at_most(1 << 20);
    let resumable = http
        .send(call)
        .await
        .is_ok_and(|reply| reply.header("tus-version").is_some() || reply.header("tus-resumable").is_some());
    let bucket = match BucketName::parse(&draft.bucket) {
        Ok(bucket) => bucket,
        Err(error) => return (Found::problem(&error.into()), None),
    };
    let (mut objects, mut listing) = (Vec::new(), None);
    match supabase.bucket(&bucket).list("").next().await {
        Ok(page) => {
            let page = page.map(|page| (page.entries, page.api));
            listing = page.as_ref().map(|(_, api)| *api);
            objects = page.map(|(entries, _)| entries).unwrap_or_default();
        }
        // The route is there, only the bucket is not.
        Err(error) if error.class == Class::BucketNotFound => listing = Some(ListApi::V2),
        Err(error) if error.class == Class::NotFound && told.is_none() => {
            let advice = "This is a server, but it has no Storage API. Copy the URL from the project's settings.";
            return (Found::failed("No Storage API", advice).with(Fix::ChangeUrl), None);
        }
        // Why is told by the next row.
        Err(_) => {}
    }
    let mut words = vec![told.map_or_else(|| "Version not told".to_owned(), |version| format!("Version {version}"))];
    if resumable {
        words.push("resumable uploads".to_owned());
    }
    let found = match listing {
        Some(ListApi::V1) => {
            words.push("list v1 only".to_owned());
            Found::warning(
                words.join(", "),
                "The first listing API may leave objects out of large folders. Update the storage server.",
            )
        }
        Some(ListApi::V2) => {
            words.push("list v2".to_owned());
            Found::ok(words.join(", "))
        }
        None => Found::ok(words.join(", ")),
    };
    (found, Some(Project { supabase, objects }))
}

/// Signs in, where that is the way, and asks for the buckets: the first thing that needs to be let in for.
pub(super) async fn enter(draft: &Draft, project: Project) -> (Found, Option<Entered>) {
    let Project { supabase, mut objects } = project;
    let (supabase, own_session) = match &draft.access {
        Access::Key => (supabase, None),
        Access::SignIn { email } => match session(draft, email, &supabase).await {
            Ok((session, own)) => {
                let (http, url) = (supabase.http().clone(), draft.url.clone());
                let supabase = Supabase::signed_in(http, url, draft.key.clone(), session.clone());
                (supabase, own.then_some(session))
            }
            Err(found) => return (found, None),
        },
    };
    let mut entered = Entered {
        supabase,
        objects: Vec::new(),
        buckets: Vec::new(),
        own_session,
    };
    match entered.supabase.buckets().list().await {
        Ok(buckets) => entered.buckets = buckets,
        Err(error) => {
            entered.leave().await;
            return (refused(draft, error), None);
        }
    }
    if objects.is_empty()
        && entered.supabase.session().is_some()
        && let Ok(bucket) = BucketName::parse(&draft.bucket)
    {
        // The key alone saw nothing; the user may see more.
        let page = entered.supabase.bucket(&bucket).list("").next().await;
        objects = page.ok().flatten().map(|page| page.entries).unwrap_or_default();
    }
    entered.objects = objects;
    let facts = KeyFacts::of(&draft.key, Timestamp::now());
    let role = match &draft.access {
        Access::SignIn { email } => format!("Signed in as {email}"),
        Access::Key if facts.is_service => format!("{}, passes every access rule", facts.role),
        Access::Key => format!("{}, {}", facts.kind, facts.role),
    };
    let found = match facts.lifetime {
        Lifetime::EndsSoon(end) => Found::warning(
            format!("{role}, ends on {}", day(end)),
            "Copy a newer key from the project's settings before that day.",
        ),
        _ => Found::ok(role),
    };
    (found, Some(entered))
}

fn refused(draft: &Draft, error: WireError) -> Found {
    let message = &error.message;
    let untranslated = message.contains("Invalid Compact JWS") || message.contains("property 'authorization'");
    match error.class {
        Class::BadKey if untranslated && !draft.key.is_bearer() => Found::failed(
            "The server does not know this key",
            "Copy it again. A server that takes only the older kind needs the legacy anon or service_role key, which begins with eyJ.",
        )
        .with(Fix::UseLegacyKey),
        Class::BadKey if message.contains("signature verification failed") => Found::failed(
            "The key was signed by another project",
            "Copy URL and key from the same project.",
        )
        .with(Fix::ChangeKey),
        Class::BadKey if message.contains("\"exp\" claim") || message.contains("expired") => Found::failed(
            "The key has ended",
            "Copy the present key from the project's settings, API keys.",
        )
        .with(Fix::ChangeKey),
        Class::BadKey => Found::failed(
            "The key is not accepted",
            "It may be revoked or of another project. Copy it again from the project's settings, API keys.",
        )
        .with(Fix::ChangeKey),
        _ => Found::problem(&Problem::from(error)),
    }
}

/// The row of the buckets.
pub(super) fn buckets(draft: &Draft, buckets: &[Bucket]) -> Found {
    let public = buckets.iter().filter(|bucket| bucket.public).count();
    let private = buckets.len() - public;
    let words = format!(
        "{}, {public} public and {private} private",
        counted(buckets.len() as u64, "bucket")
    );
    let own = buckets.iter().find(|bucket| bucket.name.as_str() == draft.bucket);
    let name = &draft.bucket;
    match own {
        None if buckets.is_empty() && !draft.key.is_service() => Found::warning(
            "No bucket is visible",
            "There are none, or the access rules hide them from this key. Sign in, or ask an admin for a rule.",
        )
        .with(Fix::SignIn),
        None if buckets.is_empty() => Found::warning(
            "There are no buckets yet",
            format!("{name} is made with the first story."),
        ),
        None => Found::warning(
            format!("{words}; {name} is not among them"),
            "Choose another bucket for pictures, or let it be made with the first story.",
        ),
        Some(own) if !own.public => Found::warning(
            format!("{words}; {name} is private"),
            "Stories store public links to their pictures, and those of a private bucket do not work for readers.",
        ),
        Some(_) => Found::ok(words),
    }
}
