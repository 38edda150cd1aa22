//! The secrets of profiles: found, had by signing in, moved from one place to another, kept.

use std::sync::Arc;

use super::keeper::VaultKeeper;
use super::{Inner, NewSecrets, Saved, Workspaces};
use crate::http::{Http, Secret};
use crate::service::Problem;
use crate::supabase::{Auth, SessionKeeper, Tokens};
use crate::workspace::{
    Access, ApiKey, BaseUrl, HeaderValues, Keep, Kept, Profile, ProjectUrl, ProviderProfile, ProviderSecrets,
    SecretName, VaultError,
};

impl Workspaces {
    /// The auth API of a project that is not open.
    pub(super) fn auth(&self, url: &ProjectUrl, key: &ApiKey) -> Result<Auth, Problem> {
        let http = Http::new(Arc::clone(self.transcript()))?;
        Ok(Auth::new(http, url.clone(), key.clone()))
    }

    pub(super) async fn key(&self, profile: &Profile) -> Result<ApiKey, Problem> {
        let secret = self.secret(profile, &SecretName::Key).await?.ok_or_else(|| {
            Problem::new(
                format!("The key of “{}” is not kept on this computer.", profile.name),
                "Paste it to connect.",
            )
            .beside("key")
        })?;
        Ok(ApiKey::parse(secret.expose())?)
    }

    pub(super) async fn secret(&self, profile: &Profile, name: &SecretName) -> Result<Option<Secret>, Problem> {
        let (profile, name) = (profile.clone(), name.clone());
        self.blocking(move |inner| Ok(inner.vault.get(&profile, &name)?)).await
    }

    /// The providers of a profile with their secrets: those that were typed, else those that are kept.
    pub(super) async fn with_keys(
        &self,
        profile: &Profile,
        typed: &NewSecrets,
    ) -> Result<Vec<(ProviderProfile, ProviderSecrets)>, Problem> {
        let mut all = Vec::new();
        for provider in &profile.providers {
            let typed = typed.of(&provider.base_url);
            let secrets = self.of_provider(profile, provider, typed).await?;
            all.push((provider.clone(), secrets));
        }
        Ok(all)
    }

    /// What was typed of a provider's secrets, and what is kept of the rest.
    pub(super) async fn of_provider(
        &self,
        profile: &Profile,
        provider: &ProviderProfile,
        typed: ProviderSecrets,
    ) -> Result<ProviderSecrets, Problem> {
        let url = &provider.base_url;
        let key = match typed.key {
            Some(key) => Some(key),
            None => self.secret(profile, &SecretName::Provider(url.clone())).await?,
        };
        let names = || provider.secret_headers.iter().map(String::as_str);
        let typed_all = names().count() == typed.headers.clone().only(names()).iter().count();
        let kept = match typed_all {
            true => None,
            false => self.secret(profile, &SecretName::Headers(url.clone())).await?,
        };
        let kept = kept.as_ref().map(HeaderValues::from_stored).unwrap_or_default();
        Ok(ProviderSecrets {
            key,
            headers: kept.with(&typed.headers).only(names()),
        })
    }

    /// The tokens that a password gets, if one was typed and the profile is for signing in.
    pub(super) async fn signed_in(&self, profile: &Profile, secrets: &NewSecrets) -> Result<Option<Tokens>, Problem> {
        let (Access::SignIn { email }, Some(password)) = (&profile.access, &secrets.password) else {
            return Ok(None);
        };
        let key = match &secrets.key {
            Some(key) => key.clone(),
            None => self.key(profile).await?,
        };
        let auth = self.auth(&profile.url, &key)?;
        let tokens = auth.sign_in(email, password).await;
        tokens
            .map(Some)
            .map_err(|error| Problem::from(error).beside("password"))
    }

    /// The session that was kept, with its keeper.
    pub(super) async fn kept_session(&self, profile: &Profile) -> Result<(Tokens, Arc<dyn SessionKeeper>), Problem> {
        let tokens = self.tokens(profile).await?.ok_or_else(|| {
            Problem::new(
                format!("Nobody is signed in to “{}”.", profile.name),
                "Type the password to sign in.",
            )
            .beside("password")
        })?;
        let keeper = VaultKeeper {
            vault: self.inner.vault.clone(),
            profile: profile.clone(),
            lock: self.inner.home.session_lock(profile.id.as_str()),
        };
        Ok((tokens, Arc::new(keeper)))
    }

    /// The tokens that were kept for the profile's user. What cannot be read, and what is another user's, is as good as
    /// nothing: signing in puts new ones in its place.
    async fn tokens(&self, profile: &Profile) -> Result<Option<Tokens>, Problem> {
        let asked = profile.clone();
        let stored = self
            .blocking(move |inner| match inner.vault.get(&asked, &SecretName::Session) {
                Err(VaultError::Damaged) => Ok(None),
                stored => Ok(stored?),
            })
            .await?;
        let tokens = stored.and_then(|text| Tokens::from_stored(&text).ok());
        Ok(tokens.filter(|tokens| match (&profile.access, &tokens.user.email) {
            (Access::SignIn { email }, Some(theirs)) => email.trim().to_lowercase() == theirs.to_lowercase(),
            _ => true,
        }))
    }

    /// Where the place for secrets has changed, those that were not typed anew go along, unless the address has changed
    /// too: a key is for one address.
    pub(super) async fn moved(
        &self,
        profile: &Profile,
        mut secrets: NewSecrets,
        mut tokens: Option<Tokens>,
    ) -> Result<(NewSecrets, Option<Tokens>), Problem> {
        let mut before = match self.profile(&profile.id).await {
            Ok(before) if before.keep != profile.keep => before,
            _ => return Ok((secrets, tokens)),
        };
        // Looked for under the addresses of now, what was kept for others is not found.
        before.url.clone_from(&profile.url);
        before.providers.clone_from(&profile.providers);
        if secrets.key.is_none() {
            let kept = self.secret(&before, &SecretName::Key).await?;
            secrets.key = kept.and_then(|key| ApiKey::parse(key.expose()).ok());
        }
        for (provider, kept) in self.with_keys(&before, &secrets).await? {
            let is_new = secrets.providers.iter().all(|(url, _)| *url != provider.base_url);
            if let Some(key) = kept.key.filter(|_| is_new) {
                secrets.providers.push((provider.base_url.clone(), key));
            }
            if !kept.headers.is_empty() {
                secrets.headers.push((provider.base_url, kept.headers));
            }
        }
        if tokens.is_none() && before.access == profile.access {
            tokens = self.tokens(&before).await?;
        }
        Ok((secrets, tokens))
    }

    /// Keeps secrets and saves the profile, which then names the place where they really are. If one of them cannot be
    /// kept, the others are as they were. A session of another way in is forgotten.
    pub(super) async fn keep(
        &self,
        mut profile: Profile,
        secrets: NewSecrets,
        tokens: Option<Tokens>,
    ) -> Result<Saved, Problem> {
        let kept = self.blocking(move |inner| {
            let before = inner.profiles.get(&profile.id).ok();
            let mut undo = Vec::new();
            let kept = put_all(inner, &mut profile, before.as_ref(), secrets, tokens, &mut undo);
            if kept.is_err() {
                for (name, earlier) in undo {
                    // The failure that is told is the first one.
                    let _ = match (&before, earlier) {
                        (Some(before), Some(secret)) => inner.vault.put(before, &name, &secret).map(drop),
                        _ => inner.vault.forget_one(&profile, &name),
                    };
                }
            } else if let Some(before) = &before {
                for name in SecretName::all(before) {
                    // What is left over is bound to an address that the profile does not name: nobody gets it.
                    if !SecretName::all(&profile).contains(&name) {
                        let _ = inner.vault.forget_one(before, &name);
                    }
                }
            }
            kept.map(|kept| Saved { profile, kept })
        });
        let kept = kept.await;
        self.inner.opened.send_replace(());
        kept
    }
}

/// Puts the secrets where they belong, then saves the profile; `undo` has what was in their places.
fn put_all(
    inner: &Inner,
    profile: &mut Profile,
    before: Option<&Profile>,
    secrets: NewSecrets,
    tokens: Option<Tokens>,
    undo: &mut Vec<(SecretName, Option<Secret>)>,
) -> Result<Option<Kept>, Problem> {
    let another_way_in = tokens.is_none() && before.is_some_and(|before| before.access != profile.access);
    let headers = headers(inner, profile, before, &secrets);
    let all = [
        (SecretName::Key, secrets.key.map(|key| key.secret().clone())),
        (SecretName::Session, tokens.map(|tokens| tokens.to_stored())),
    ];
    let providers = secrets.providers.into_iter();
    let all = all
        .into_iter()
        .chain(providers.map(|(url, key)| (SecretName::Provider(url), Some(key))))
        .chain(headers.into_iter().map(|(name, values)| (name, Some(values))));
    let mut kept: Option<Kept> = None;
    for (name, secret) in all {
        let Some(secret) = secret else { continue };
        let earlier = before.and_then(|before| inner.vault.get(before, &name).ok().flatten());
        undo.push((name.clone(), earlier));
        let now = inner.vault.put(profile, &name, &secret)?;
        kept = kept.filter(|kept| kept.why.is_some()).or(Some(now));
    }
    if another_way_in {
        inner.vault.forget_one(profile, &SecretName::Session)?;
    }
    // Who wants the keychain gets it where there is one; a file that took its place must be found again.
    if let Some(Kept { place: Keep::File, .. }) = kept {
        profile.keep = Keep::File;
    }
    inner.profiles.save(profile)?;
    Ok(kept)
}

/// The headers that are to be kept anew: what was typed beside what is kept already, and nothing that the profile does not name any
/// more.
fn headers(
    inner: &Inner,
    profile: &Profile,
    before: Option<&Profile>,
    secrets: &NewSecrets,
) -> Vec<(SecretName, Secret)> {
    let mut all: Vec<(SecretName, Secret)> = Vec::new();
    for provider in &profile.providers {
        let url = &provider.base_url;
        let name = SecretName::Headers(url.clone());
        if all.iter().any(|(known, _)| *known == name) {
            continue;
        }
        // Providers of one address share what is kept for it.
        let here = profile.providers.iter().filter(|other| other.base_url == *url);
        let names: Vec<&str> = here
            .flat_map(|other| other.secret_headers.iter().map(String::as_str))
            .collect();
        let typed = secrets.of(url).headers;
        if names.is_empty() && typed.is_empty() {
            continue;
        }
        let kept = before.and_then(|before| inner.vault.get(before, &name).ok().flatten());
        let kept = kept.as_ref().map(HeaderValues::from_stored).unwrap_or_default();
        let now = kept.clone().with(&typed).only(names);
        if now != kept && !now.is_empty() {
            all.push((name, now.to_stored()));
        }
    }
    all
}

impl NewSecrets {
    /// What was typed for the provider at an address.
    pub(super) fn of(&self, url: &BaseUrl) -> ProviderSecrets {
        let key = self.providers.iter().find(|(address, _)| address == url);
        let headers = self.headers.iter().filter(|(address, _)| address == url);
        ProviderSecrets {
            key: key.map(|(_, key)| key.clone()),
            headers: headers.fold(HeaderValues::default(), |all, (_, values)| all.with(values)),
        }
    }
}
