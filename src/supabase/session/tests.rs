use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use super::super::testing::{Log, Seen, json as answer, project};
use super::*;

/// Remembers what it was told, in order; and fails while it is told to.
#[derive(Default)]
struct Notebook {
    kept: Mutex<Option<Tokens>>,
    events: Mutex<Vec<String>>,
    full: AtomicBool,
}

impl SessionKeeper for Notebook {
    fn load(&self) -> io::Result<Option<Tokens>> {
        Ok(self.kept.lock().unwrap().clone())
    }

    fn keep(&self, tokens: &Tokens) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(io::Error::other("the keychain is locked"));
        }
        self.events
            .lock()
            .unwrap()
            .push(format!("keep {}", tokens.refresh.expose()));
        *self.kept.lock().unwrap() = Some(tokens.clone());
        Ok(())
    }

    fn forget(&self) -> io::Result<()> {
        self.events.lock().unwrap().push("forget".into());
        *self.kept.lock().unwrap() = None;
        Ok(())
    }
}

impl Notebook {
    fn events(&self) -> Vec<String> {
        self.events.lock().unwrap().clone()
    }
}

fn tokens(number: usize, seconds: i64) -> Tokens {
    Tokens {
        access: Secret::exact(&format!("access-{number}")),
        refresh: Secret::exact(&format!("refresh-{number}")),
        expires_at: Timestamp::now().as_second() + seconds,
        user: User {
            id: "u".into(),
            ..User::default()
        },
    }
}

fn granted(number: usize) -> axum::response::Response {
    answer(
        200,
        json!({
            "access_token": format!("access-{number}"), "refresh_token": format!("refresh-{number}"),
            "expires_in": 3600, "user": {"id": "u"},
        }),
    )
}

/// A session whose token ends in `seconds`, with a server that answers each exchange as `exchange` says.
async fn session(
    seconds: i64,
    exchange: impl Fn(&Seen, usize) -> axum::response::Response + Send + Sync + 'static,
) -> (Session, Arc<Notebook>, Log) {
    let count = AtomicUsize::new(1);
    let (project, log) = project(move |request| exchange(request, count.fetch_add(1, Ordering::SeqCst))).await;
    let notebook = Arc::new(Notebook::default());
    let session = Session::new(
        project.auth(),
        tokens(0, seconds),
        Arc::clone(&notebook) as Arc<dyn SessionKeeper>,
    );
    (session, notebook, log)
}

fn access(number: usize) -> Secret {
    Secret::exact(&format!("access-{number}"))
}

#[tokio::test]
async fn a_good_token_is_used_as_it_is() {
    let (session, notebook, log) = session(3600, |_, n| granted(n)).await;
    assert_eq!(session.access_token().await.unwrap(), access(0));
    assert!(log.lock().unwrap().is_empty() && notebook.events().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_ask_at_once_make_one_exchange() {
    let (session, notebook, log) = session(30, |_, n| granted(n)).await;
    let asking = (0..50).map(|_| {
        let session = session.clone();
        tokio::spawn(async move { session.access_token().await.unwrap() })
    });
    for token in futures_util::future::join_all(asking).await {
        assert_eq!(token.unwrap(), access(1));
    }
    assert_eq!(log.lock().unwrap().len(), 1);
    assert_eq!(log.lock().unwrap()[0].json(), json!({"refresh_token": "refresh-0"}));
    assert_eq!(notebook.events(), ["keep refresh-1"]);
}

#[tokio::test]
async fn who_stops_waiting_does_not_lose_the_new_token() {
    let (session, notebook, _) = session(0, |_, n| granted(n)).await;
    {
        let asking = session.access_token();
        // One poll begins the exchange; then the caller is gone.
        let _ = tokio::time::timeout(Duration::ZERO, asking).await;
    }
    while notebook.events().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(session.access_token().await.unwrap(), access(1));
    assert_eq!(notebook.events(), ["keep refresh-1"]);
}

#[tokio::test]
async fn new_tokens_are_not_used_before_they_are_kept_and_not_exchanged_again() {
    let (session, notebook, log) = session(0, |_, n| granted(n)).await;
    notebook.full.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let error = session.access_token().await.unwrap_err();
        assert!(error.to_string().contains("keychain is locked"), "{error}");
        assert!(error.hint().contains("keychain"));
    }
    notebook.full.store(false, Ordering::SeqCst);
    assert_eq!(session.access_token().await.unwrap(), access(1));
    assert_eq!(log.lock().unwrap().len(), 1, "one exchange for all of it");
}

#[tokio::test]
async fn trouble_on_the_way_keeps_the_session_and_uses_what_is_still_good() {
    let trouble = |_: &Seen, _| answer(503, json!({}));
    let (near_its_end, notebook, log) = session(30, trouble).await;
    assert_eq!(near_its_end.access_token().await.unwrap(), access(0));
    let tried = log.lock().unwrap().len();
    assert_eq!(near_its_end.access_token().await.unwrap(), access(0));
    assert_eq!(log.lock().unwrap().len(), tried, "no new attempt so soon");
    let (over, _, _) = session(-5, trouble).await;
    let error = over.access_token().await.unwrap_err();
    assert_eq!((error.class, error.retry_may_help), (Class::Busy, true));
    assert!(!over.has_ended() && !near_its_end.has_ended() && notebook.events().is_empty());
}

#[tokio::test]
async fn what_the_server_ended_is_forgotten_and_asks_for_signing_in() {
    for code in [
        "refresh_token_not_found",
        "refresh_token_already_used",
        "session_not_found",
    ] {
        let (session, notebook, log) = session(0, move |_, _| {
            answer(400, json!({"code": code, "message": "Invalid Refresh Token"}))
        })
        .await;
        let error = session.access_token().await.unwrap_err();
        assert_eq!((error.class, error.code.as_deref()), (Class::BadKey, Some(code)));
        assert!(error.hint().contains("Sign in again"));
        assert_eq!(notebook.events(), ["forget"]);
        assert_eq!(session.access_token().await.unwrap_err().class, Class::BadKey);
        assert_eq!(log.lock().unwrap().len(), 1, "an ended session asks nobody");
    }
}

#[tokio::test]
async fn what_another_process_kept_is_used_instead_of_an_exchange() {
    let (session, notebook, log) = session(0, |_, n| granted(n)).await;
    *notebook.kept.lock().unwrap() = Some(tokens(7, 3600));
    assert_eq!(session.access_token().await.unwrap(), access(7));
    assert!(log.lock().unwrap().is_empty());
    *notebook.kept.lock().unwrap() = Some(tokens(8, 3600));
    assert_eq!(session.renewed(&access(7)).await.unwrap(), Some(access(8)));
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn another_process_that_was_faster_by_a_moment_does_not_end_the_session() {
    let notebook = Arc::new(Notebook::default());
    let other = Arc::clone(&notebook);
    let (project, _) = project(move |_| {
        *other.kept.lock().unwrap() = Some(tokens(9, 3600));
        answer(
            400,
            json!({"code": "refresh_token_already_used", "message": "Already Used"}),
        )
    })
    .await;
    let session = Session::new(
        project.auth(),
        tokens(0, 0),
        Arc::clone(&notebook) as Arc<dyn SessionKeeper>,
    );
    assert_eq!(session.access_token().await.unwrap(), access(9));
    assert!(!session.has_ended());
}

#[tokio::test]
async fn signing_out_forgets_even_without_a_network() {
    let (online, notebook, log) = session(3600, |_, _| answer(204, json!(null))).await;
    online.sign_out().await.unwrap();
    assert_eq!(log.lock().unwrap()[0].line(), "POST /auth/v1/logout?scope=local");
    assert_eq!(notebook.events(), ["forget"]);
    assert_eq!(online.access_token().await.unwrap_err().class, Class::BadKey);
    let (offline, notebook, _) = session(3600, |_, _| answer(503, json!({}))).await;
    assert!(offline.sign_out().await.is_err());
    assert!(offline.has_ended());
    assert_eq!(notebook.events(), ["forget"]);
}

#[tokio::test]
async fn a_call_with_a_refused_token_is_made_again_with_another_one() {
    let (project, log) = project(|request: &Seen| {
        if request.path.starts_with("/auth/") {
            return granted(1);
        }
        match request.header("authorization") {
            Some("Bearer access-1") => answer(200, json!([])),
            _ => super::super::testing::storage_error("403", "AccessDenied", "\"exp\" claim timestamp check failed"),
        }
    })
    .await;
    let session = Session::new(project.auth(), tokens(0, 3600), Arc::new(ThisRunOnly));
    let signed_in = super::super::Supabase::signed_in(
        project.http().clone(),
        project.url().clone(),
        project.key().clone(),
        session,
    );
    signed_in.buckets().list().await.unwrap();
    let lines: Vec<String> = log.lock().unwrap().iter().map(Seen::line).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[1], "POST /auth/v1/token?grant_type=refresh_token");
    let log = log.lock().unwrap();
    assert_eq!(log[2].header("apikey"), Some(super::super::testing::SERVICE_KEY));
}

#[tokio::test]
async fn tokens_are_hidden_while_answers_may_repeat_them_and_forgotten_afterwards() {
    let count = AtomicUsize::new(1);
    let (project, _) = project(move |_| granted(count.fetch_add(1, Ordering::SeqCst))).await;
    let http = project.http().clone();
    let shown = |text: &str| http.transcript().masker().text(text) == text;
    let session = Session::new(project.auth(), tokens(0, 3600), Arc::new(ThisRunOnly));
    for number in 0..6 {
        assert!(!shown(&format!("refresh-{number}")) && !shown(&format!("access-{number}")));
        // As if the last one had been granted long ago.
        session.state().granted = None;
        assert_eq!(
            session.renewed(&access(number)).await.unwrap(),
            Some(access(number + 1))
        );
    }
    let still_hidden: Vec<usize> = (0..=6).filter(|number| !shown(&format!("refresh-{number}"))).collect();
    assert_eq!(still_hidden, [3, 4, 5, 6]);
    drop(session);
    assert!((0..=6).all(|number| shown(&format!("access-{number}"))));
}

#[tokio::test]
async fn a_token_that_was_just_granted_and_is_refused_is_not_exchanged_again() {
    let count = AtomicUsize::new(1);
    let (project, log) = project(move |request: &Seen| {
        if request.path.starts_with("/auth/") {
            return granted(count.fetch_add(1, Ordering::SeqCst));
        }
        super::super::testing::storage_error("400", "InvalidJWT", "jwt malformed")
    })
    .await;
    let session = Session::new(project.auth(), tokens(0, 3600), Arc::new(ThisRunOnly));
    let signed_in = super::super::Supabase::signed_in(
        project.http().clone(),
        project.url().clone(),
        project.key().clone(),
        session,
    );
    for _ in 0..5 {
        let error = signed_in.buckets().list().await.unwrap_err();
        assert_eq!(
            (error.class, error.code.as_deref()),
            (Class::BadKey, Some("InvalidJWT"))
        );
    }
    let exchanges = log
        .lock()
        .unwrap()
        .iter()
        .filter(|seen| seen.path.starts_with("/auth/"))
        .count();
    assert_eq!(exchanges, 1);
}

#[tokio::test]
async fn who_signed_in_as_somebody_else_is_left_alone() {
    let (session, notebook, log) = session(0, |_, n| granted(n)).await;
    let mut theirs = tokens(7, 3600);
    theirs.user.id = "somebody else".into();
    *notebook.kept.lock().unwrap() = Some(theirs.clone());
    let error = session.access_token().await.unwrap_err();
    assert_eq!(error.class, Class::BadKey);
    assert!(error.message.contains("somebody else"), "{error}");
    assert!(session.has_ended() && log.lock().unwrap().is_empty());
    session.sign_out().await.unwrap();
    assert_eq!(
        *notebook.kept.lock().unwrap(),
        Some(theirs),
        "what is theirs is still kept"
    );
}

/// A keeper that stops the exchange, after it has read what is kept, until it is told to go on.
#[derive(Default)]
struct Slow {
    notebook: Notebook,
    gate: Mutex<Option<std::sync::mpsc::Receiver<()>>>,
}

impl SessionKeeper for Slow {
    fn load(&self) -> io::Result<Option<Tokens>> {
        let kept = self.notebook.load();
        let gate = self.gate.lock().unwrap().take();
        if let Some(gate) = gate {
            gate.recv().unwrap();
        }
        kept
    }

    fn keep(&self, tokens: &Tokens) -> io::Result<()> {
        self.notebook.keep(tokens)
    }

    fn forget(&self) -> io::Result<()> {
        self.notebook.forget()
    }
}

#[tokio::test]
async fn nobody_gets_a_token_after_signing_out() {
    let (project, _) = project(|_| answer(204, json!(null))).await;
    let (open, gate) = std::sync::mpsc::channel();
    let keeper = Arc::new(Slow {
        gate: Mutex::new(Some(gate)),
        ..Slow::default()
    });
    let session = Session::new(
        project.auth(),
        tokens(0, 3600),
        Arc::clone(&keeper) as Arc<dyn SessionKeeper>,
    );
    *keeper.notebook.kept.lock().unwrap() = Some(tokens(7, 3600));
    let asking = tokio::spawn({
        let session = session.clone();
        async move { session.renewed(&access(0)).await }
    });
    while keeper.gate.lock().unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    session.sign_out().await.unwrap();
    open.send(()).unwrap();
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.class, Class::BadKey);
    assert!(error.message.contains("signed out"), "{error}");
    assert_eq!(session.state().tokens.access, access(0));
}

#[tokio::test]
async fn an_exchange_that_panicked_is_made_anew() {
    let (session, _, _) = session(0, |_, n| granted(n)).await;
    session.state().exchange = Some(futures_util::future::pending().boxed().shared());
    let broken = tokio::spawn({
        let session = session.clone();
        async move {
            let _over = Over(session);
            panic!("as told");
        }
    });
    assert!(broken.await.unwrap_err().is_panic());
    assert!(session.state().exchange.is_none());
    assert_eq!(session.access_token().await.unwrap(), access(1));
}
