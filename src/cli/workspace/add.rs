//! `workspace add`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{lasting, password, text_of};
use crate::cli::Output;
use crate::cli::secret::secret;
use crate::http::Secret;
use crate::service::{NewSecrets, Problem, Workspaces};
use crate::workspace::{
    Access, ApiKey, BaseUrl, Dialect, Keep, Limits, NotADialect, PastedSettings, Profile, ProfileId, ProjectUrl,
    ProviderProfile, TableName,
};

/// A project to add.
#[derive(Debug, Args)]
pub struct Add {
    /// The name shown; the project's host unless given
    name: Option<String>,
    /// The project's URL; SUPABASE_URL unless given
    #[arg(long)]
    url: Option<String>,
    /// Take URL and key from a file of settings, such as .env.local
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Of several keys in that file take the one that passes every access rule
    #[arg(long, requires = "env_file")]
    service: bool,
    /// Sign in as this user; the password is read after the key
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Where secrets are kept
    #[arg(long, value_enum, default_value_t = Place::Keychain)]
    keep: Place,
    /// The bucket that pictures of scenes go to
    #[arg(long)]
    bucket: Option<String>,
    /// How a picture's object is named
    #[arg(long, value_name = "TEMPLATE")]
    key_template: Option<String>,
    /// The table of stories
    #[arg(long, value_name = "TABLE")]
    stories: Option<String>,
    /// The table of scenes
    #[arg(long, value_name = "TABLE")]
    scenes: Option<String>,
    /// Days for which the files of forgotten candidates stay on this computer
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(Limits::MOST_DAYS)))]
    keep_forgotten: Option<u32>,
    /// The address of an AI provider with an OpenAI-compatible API; its key is read from STORYMIMI_AI_KEY
    #[arg(long, value_name = "URL", requires_all = ["text_model", "image_model"])]
    ai_url: Option<String>,
    /// How its images are asked for; told from its address unless given
    #[arg(long, value_name = "DIALECT", requires = "ai_url", value_parser = dialect)]
    ai_dialect: Option<Dialect>,
    /// The model that writes
    #[arg(long, value_name = "MODEL", requires = "ai_url")]
    text_model: Option<String>,
    /// The model that draws
    #[arg(long, value_name = "MODEL", requires = "ai_url")]
    image_model: Option<String>,
}

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Place {
    /// In the system's keychain
    Keychain,
    /// In a file sealed with the passphrase of STORYMIMI_PASSPHRASE
    File,
}

pub(super) async fn run(add: &Add, workspaces: &Workspaces, output: &mut Output) -> Result<(), Problem> {
    let settings = settings(add)?;
    let url = url(add, settings.as_ref())?;
    let mut profile = Profile::new(ProfileId::fresh("project", &[]), url);
    if let Some(name) = &add.name {
        profile.name.clone_from(name);
    }
    profile.keep = match add.keep {
        Place::Keychain => Keep::Keychain,
        Place::File => Keep::File,
    };
    if let Some(bucket) = &add.bucket {
        profile.bucket = crate::supabase::BucketName::parse(bucket)?.to_string();
    }
    if let Some(template) = &add.key_template {
        profile.key_template.clone_from(template);
    }
    if let Some(days) = add.keep_forgotten {
        profile.limits.keep_forgotten_days = days;
    }
    for (given, table) in [
        (&add.stories, &mut profile.tables.stories),
        (&add.scenes, &mut profile.tables.scenes),
    ] {
        if let Some(name) = given {
            *table = TableName::parse(name)?;
        }
    }
    if let (Some(address), Some(text_model), Some(image_model)) = (&add.ai_url, &add.text_model, &add.image_model) {
        let base_url = BaseUrl::parse(address)?;
        let usual = ProviderProfile::new(base_url);
        profile.providers = vec![ProviderProfile {
            text_model: text_model.clone(),
            image_model: image_model.clone(),
            dialect: add.ai_dialect.unwrap_or(usual.dialect),
            ..usual
        }];
    }
    let mut secrets = NewSecrets {
        key: Some(key(add, settings.as_ref())?),
        ..NewSecrets::default()
    };
    if let Some(email) = &add.email {
        profile.access = Access::SignIn {
            email: email.trim().to_owned(),
        };
        secrets.password = Some(password()?);
    }
    if let Some(provider) = profile.providers.first() {
        let key = std::env::var("STORYMIMI_AI_KEY")
            .ok()
            .filter(|key| !key.trim().is_empty());
        secrets
            .providers
            .extend(key.map(|key| (provider.base_url.clone(), Secret::new(&key))));
    }
    let saved = workspaces.add(profile, secrets).await?;
    let id = saved.profile.id.as_str();
    let (place, why) = match lasting(saved.kept) {
        Ok(kept) => kept,
        Err(problem) => {
            workspaces.remove(&saved.profile.id).await?;
            return Err(problem);
        }
    };
    let document = json!({ "id": id, "name": saved.profile.name, "url": saved.profile.url.as_str(), "kept_in": place.word(), "why": why });
    output.result(&document, |_| {
        let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{id} was added; its secrets are in the {}{why}", place.words())
    })
}

fn dialect(text: &str) -> Result<Dialect, NotADialect> {
    text.parse()
}

fn settings(add: &Add) -> Result<Option<PastedSettings>, Problem> {
    let Some(file) = &add.env_file else { return Ok(None) };
    let text = zeroize::Zeroizing::new(text_of(file, 1 << 20)?);
    PastedSettings::read(&text).map(Some).ok_or_else(|| {
        Problem::new(
            format!("There are no settings of a project in {}.", file.display()),
            "It should have lines like SUPABASE_URL=… and SUPABASE_ANON_KEY=….",
        )
    })
}

fn url(add: &Add, settings: Option<&PastedSettings>) -> Result<ProjectUrl, Problem> {
    if let Some(text) = &add.url {
        return Ok(ProjectUrl::parse(text)?);
    }
    if let Some(url) = settings.and_then(|settings| settings.url.clone()) {
        return Ok(url);
    }
    let text = std::env::var("SUPABASE_URL").unwrap_or_default();
    Ok(ProjectUrl::parse(&text)?)
}

fn key(add: &Add, settings: Option<&PastedSettings>) -> Result<ApiKey, Problem> {
    let Some(settings) = settings else {
        return Ok(ApiKey::parse(secret("SUPABASE_KEY", "key")?.expose())?);
    };
    let wanted = if add.service {
        settings.service_key()
    } else {
        settings.safest_key()
    };
    if let Some(key) = wanted {
        return Ok(key.clone());
    }
    let error = settings.keys.iter().find_map(|pasted| pasted.key.as_ref().err());
    Err(match error {
        Some(error) => Problem::from(*error),
        None => Problem::new(
            "The file has no such key.",
            "Give the key on standard input, without --env-file.",
        ),
    })
}
