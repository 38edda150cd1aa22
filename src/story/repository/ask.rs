//! From a question about the list to what PostgREST is asked. Where its answer cannot tell, stories are read page by page and looked
//! at here.

use std::sync::PoisonError;

use jiff::Timestamp;
use serde_json::Value;

use super::shape::{Shape, missing_column};
use super::{Repository, StoryError};
use crate::story::model::{Kept, Status, Story};
use crate::story::query::{Counts, Show, Sort, StoryPage, StoryQuery};
use crate::supabase::{Condition, Counted, Error as WireError, Order, Query};

/// Scenes in JSON that a question looks at, by their places: an address has no room for more. Stories have a dozen at most.
const PLACES: usize = 24;

/// Columns that a question can do without.
const OPTIONAL: [&str; 6] = ["prompt", "description", "status", "updated_at", "created_at", ALT];

/// The scenes' column of alternative texts.
const ALT: &str = "alt_text";

/// Stories looked at a time where the server cannot tell.
const SCAN: u64 = 250;

/// Names that embedded scenes have which a condition is about. PostgREST leaves out of its answer what is embedded without columns.
const CHOSEN: &str = "chosen";

/// What a question led to.
pub(super) enum Found {
    Rows(StoryPage),
    /// The server cannot tell which rows are meant.
    NotByServer,
}

/// What the server says of a number.
enum Told {
    /// So many.
    Number(u64),
    /// It gave up: counting took longer than the project lets a question take.
    TooLong,
    /// It cannot tell which rows are meant.
    NotByServer,
}

/// PostgreSQL's `query_canceled`: the question took longer than the role's `statement_timeout`.
const TOO_LONG: &str = "57014";

impl Repository {
    /// A page, by the server or by looking at all stories. Where the number of all is not `counted` the server looks at no more rows
    /// than it gives; it comes along all the same where all were looked at.
    pub(super) async fn asked(
        &self,
        shape: &Shape,
        query: &StoryQuery,
        (offset, limit): (u64, u64),
        counted: bool,
    ) -> Result<StoryPage, StoryError> {
        match Box::pin(self.find(shape, query, offset, limit, counted)).await? {
            Found::Rows(page) => Ok(page),
            Found::NotByServer => Box::pin(self.scan(shape, query, offset, limit)).await,
        }
    }

    /// How many stories a question lists; None if the project gave up counting.
    pub(super) async fn total_of(&self, shape: &Shape, query: &StoryQuery) -> Result<Option<u64>, StoryError> {
        match Box::pin(self.count(shape, query)).await? {
            Told::Number(total) => Ok(Some(total)),
            Told::TooLong => Ok(None),
            Told::NotByServer => Ok(Box::pin(self.scan(shape, query, 0, 0)).await?.total),
        }
    }

    /// How many stories of each kind there are: by one question each, or by looking at all of them once. One question after the
    /// other: whoever reads the list meanwhile is not to wait for five counts of everything.
    pub(super) async fn counted(&self, shape: &Shape, query: &StoryQuery) -> Result<Counts, StoryError> {
        let mut counts = Counts::default();
        for show in [Show::All, Show::Failed, Show::Missing, Show::NoAlt, Show::Stale] {
            *counts.count_mut(show) = match Box::pin(self.count(shape, &query.showing(show))).await? {
                Told::Number(number) => Some(number),
                Told::TooLong => None,
                Told::NotByServer => return Box::pin(self.scan_counts(shape, query)).await,
            };
        }
        Ok(counts)
    }

    /// How many stories a question lists, as the server counts them.
    async fn count(&self, shape: &Shape, query: &StoryQuery) -> Result<Told, StoryError> {
        let mut left = OPTIONAL.len();
        if !self.tells(shape, query.show).await? {
            return Ok(Told::NotByServer);
        }
        loop {
            let Some(asked) = self.ask(shape, query, &shape.id) else {
                return Ok(Told::NotByServer);
            };
            match asked.limit(1).operation("Count stories").fetch_counted::<Value>().await {
                Ok(counted) => return Ok(Told::Number(counted.total)),
                Err(error) if left > 0 && self.learns(shape, &error) => left -= 1,
                Err(error) if cannot_tell(&error) => return Ok(Told::NotByServer),
                // A guess of its planner is no number to show: about scenes it is wrong by any factor.
                Err(error) if error.code.as_deref() == Some(TOO_LONG) => return Ok(Told::TooLong),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A page, if the server can tell which rows are meant.
    pub(super) async fn find(
        &self,
        shape: &Shape,
        query: &StoryQuery,
        offset: u64,
        limit: u64,
        count: bool,
    ) -> Result<Found, StoryError> {
        let mut left = OPTIONAL.len();
        if !self.tells(shape, query.show).await? {
            return Ok(Found::NotByServer);
        }
        loop {
            let Some(asked) = self.ask(shape, query, &shape.select()) else {
                return Ok(Found::NotByServer);
            };
            let asked = self.sorted(shape, asked, query.sort);
            let asked = asked
                .range(offset, offset + limit.saturating_sub(1))
                .operation("List stories");
            let rows = if count {
                asked
                    .fetch_counted::<Value>()
                    .await
                    .map(|Counted { rows, total }| (rows, Some(total)))
            } else {
                asked.fetch::<Value>().await.map(|rows| (rows, None))
            };
            match rows {
                Ok((rows, total)) => {
                    let stories = self.stories_of(shape, rows).await?;
                    return Ok(Found::Rows(StoryPage { stories, total }));
                }
                Err(error) if left > 0 && self.learns(shape, &error) => left -= 1,
                Err(error) if cannot_tell(&error) && query.show != Show::All => return Ok(Found::NotByServer),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether the server can tell which stories are meant: about scenes in a column only if every column is a plain list whose scenes
    /// have the usual names, and no more of them than a question names.
    async fn tells(&self, shape: &Shape, show: Show) -> Result<bool, StoryError> {
        if !matches!(show, Show::Missing | Show::NoAlt) || shape.scenes.is_some() {
            return Ok(true);
        }
        let known = *self.known.plain.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plain)) = known.filter(|(at, _)| at.elapsed() < super::AGE) {
            return Ok(plain);
        }
        let place = |at: usize| format!("{}->{at}", Shape::COLUMN);
        let odd = Condition::any([
            Condition::all([
                Condition::is_null(&place(0)),
                Condition::is_null(Shape::COLUMN).not(),
                Condition::neq(Shape::COLUMN, "[]"),
            ]),
            Condition::all([
                Condition::is_null(&place(0)).not(),
                Condition::is_null(&format!("{}->>text", place(0))),
            ]),
            Condition::is_null(&place(PLACES)).not(),
        ]);
        let query = self.stories(shape).select(&shape.id).filter(odd).limit(1);
        let plain = match query.operation("Look at scenes").fetch::<serde::de::IgnoredAny>().await {
            Ok(odd) => odd.is_empty(),
            Err(error) if cannot_tell(&error) => false,
            Err(error) => return Err(error.into()),
        };
        let now = Some((tokio::time::Instant::now(), plain));
        *self.known.plain.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(plain)
    }

    /// Whether an answer tells of a column that the project lacks and that a question can do without.
    fn learns(&self, shape: &Shape, error: &WireError) -> bool {
        let Some(column) = missing_column(error) else {
            return false;
        };
        if !OPTIONAL.contains(&column.as_str()) {
            return false;
        }
        let table = match &shape.scenes {
            Some(table) if column == ALT => &table.name,
            _ => &shape.stories,
        };
        // Another question may have learnt it meanwhile; this one was asked without that knowledge.
        self.learn_absent(table, column);
        true
    }

    fn sorted(&self, shape: &Shape, query: Query, sort: Sort) -> Query {
        let has = |column: &str| !self.lacks(&shape.stories, column);
        let query = match sort {
            Sort::Created if has("created_at") => query.order("created_at", Order::Desc),
            Sort::Updated if has("updated_at") => query.order("updated_at", Order::Desc),
            Sort::Title => query.order("title", Order::Asc),
            Sort::Status if has("status") => query.order("status", Order::Asc),
            _ => query,
        };
        query.order(&shape.id, Order::Asc)
    }

    /// The question as PostgREST understands it; None if it cannot be asked.
    fn ask(&self, shape: &Shape, query: &StoryQuery, select: &str) -> Option<Query> {
        let has = |column: &str| !self.lacks(&shape.stories, column);
        let mut conditions = Vec::new();
        let text = query.text.trim();
        if !text.is_empty() {
            let prompt = if shape.kept == Kept::Public {
                "description"
            } else {
                "prompt"
            };
            let columns = ["title", prompt].into_iter().filter(|column| has(column));
            conditions.push(Condition::any(columns.map(|column| Condition::contains(column, text))));
        }
        if let Some(status) = query.status {
            conditions.push(self.of_status(shape, &[status])?);
        }
        let mut embedded = None;
        match query.show {
            // What is broken is known by looking at objects.
            Show::All | Show::Broken => {}
            Show::Failed => conditions.push(self.of_status(shape, &[Status::Failed])?),
            Show::Stale => {
                conditions.push(self.of_status(shape, &[Status::Processing, Status::Pending])?);
                conditions.push(self.unchanged_since(shape, Timestamp::now() - Show::STALE)?);
            }
            Show::Missing | Show::NoAlt => embedded = Some(self.of_scenes(shape, query.show)?),
        }
        let mut asked = self.stories(shape);
        match embedded {
            Some(OfScenes::Rows { name, chosen, rows }) => {
                let select = match select.contains(Shape::SCENE_ROWS) {
                    true => format!("{select},{CHOSEN}:{name}()"),
                    false => format!("{select},{}:{name}(),{CHOSEN}:{name}()", Shape::SCENE_ROWS),
                };
                asked = asked.select(&select).filter_embedded(CHOSEN, chosen).filter(rows);
            }
            Some(OfScenes::Column(condition)) => asked = asked.select(select).filter(condition),
            None => asked = asked.select(select),
        }
        Some(conditions.into_iter().fold(asked, Query::filter))
    }

    /// Stories of one of the states, whatever the case it is written in.
    fn of_status(&self, shape: &Shape, states: &[Status]) -> Option<Condition> {
        if self.lacks(&shape.stories, "status") {
            return None;
        }
        let words = states.iter().flat_map(|status| status.words());
        Some(Condition::any(words.map(|word| Condition::ilike("status", word))))
    }

    fn unchanged_since(&self, shape: &Shape, time: Timestamp) -> Option<Condition> {
        let has = |column: &str| !self.lacks(&shape.stories, column);
        let updated = || Condition::lt("updated_at", time);
        let created = || Condition::lt("created_at", time);
        match (has("updated_at"), has("created_at")) {
            (true, true) => Some(Condition::any([
                updated(),
                Condition::all([Condition::is_null("updated_at"), created()]),
            ])),
            (true, false) => Some(updated()),
            (false, true) => Some(created()),
            (false, false) => None,
        }
    }

    fn of_scenes(&self, shape: &Shape, show: Show) -> Option<OfScenes> {
        // Which of both a story uses is seen in its rows.
        if shape.is_mixed() {
            return None;
        }
        match &shape.scenes {
            Some(scenes) if scenes.joined => {
                let with_alt = !self.lacks(&scenes.name, ALT);
                let name = scenes.name.clone();
                let some = Condition::is_null(CHOSEN).not();
                Some(match show {
                    Show::NoAlt => OfScenes::Rows {
                        name,
                        chosen: undescribed("", "", with_alt),
                        rows: some,
                    },
                    _ => OfScenes::Rows {
                        name,
                        chosen: empty("image_url"),
                        rows: Condition::any([some, Condition::is_null(Shape::SCENE_ROWS)]),
                    },
                })
            }
            Some(_) => None,
            None => Some(OfScenes::Column(in_column(show))),
        }
    }

    /// A page of a question that the server cannot answer: stories are looked at from the first on. Never more of them are kept than a
    /// page.
    async fn scan(&self, shape: &Shape, query: &StoryQuery, offset: u64, limit: u64) -> Result<StoryPage, StoryError> {
        let mut page = StoryPage::default();
        let mut listed: u64 = 0;
        let now = Timestamp::now();
        self.each(shape, query, |story| {
            if query.lists(&story, now) {
                if listed >= offset && listed < offset + limit {
                    page.stories.push(story);
                }
                listed += 1;
            }
        })
        .await?;
        page.total = Some(listed);
        Ok(page)
    }

    async fn scan_counts(&self, shape: &Shape, query: &StoryQuery) -> Result<Counts, StoryError> {
        let all = query.showing(Show::All);
        let now = Timestamp::now();
        let mut counts = Counts {
            all: Some(0),
            failed: Some(0),
            missing: Some(0),
            no_alt: Some(0),
            stale: Some(0),
            broken: None,
        };
        self.each(shape, &all, |story| {
            if all.lists(&story, now) {
                counts.add(&story, now);
            }
        })
        .await?;
        Ok(counts)
    }

    /// Every story that a text and an order leave, page by page.
    async fn each(&self, shape: &Shape, query: &StoryQuery, mut take: impl FnMut(Story)) -> Result<(), StoryError> {
        let query = StoryQuery {
            status: None,
            show: Show::All,
            ..query.clone()
        };
        let mut offset = 0;
        loop {
            let Found::Rows(page) = Box::pin(self.find(shape, &query, offset, SCAN, false)).await? else {
                return Ok(());
            };
            let got = page.stories.len() as u64;
            page.stories.into_iter().for_each(&mut take);
            // A project may give fewer rows than it is asked for; only none is the end.
            if got == 0 {
                return Ok(());
            }
            offset += got;
        }
    }
}

/// A condition on the scenes of stories.
enum OfScenes {
    /// On the rows of scenes.
    Rows {
        /// Their table.
        name: String,
        /// Which of them are meant.
        chosen: Condition,
        /// Which stories, by whether they have such scenes.
        rows: Condition,
    },
    /// On the column of scenes.
    Column(Condition),
}

/// The column has no text.
fn empty(column: &str) -> Condition {
    Condition::any([Condition::is_null(column), Condition::eq(column, "")])
}

/// There is a picture that nobody has described.
fn undescribed(before: &str, arrow: &str, with_alt: bool) -> Condition {
    let at = |name: &str| format!("{before}{arrow}{name}");
    let picture = at("image_url");
    let mut all = vec![Condition::is_null(&picture).not(), Condition::neq(&picture, "")];
    if with_alt {
        all.push(empty(&at("alt_text")));
    }
    Condition::all(all)
}

/// Stories whose column has such a scene, by the places of scenes.
fn in_column(show: Show) -> Condition {
    let place = |at: usize| format!("{}->{at}", Shape::COLUMN);
    let at_place = |at: usize| match show {
        Show::NoAlt => undescribed(&place(at), "->>", true),
        _ => Condition::all([
            Condition::is_null(&place(at)).not(),
            empty(&format!("{}->>image_url", place(at))),
        ]),
    };
    let mut any: Vec<Condition> = (0..PLACES).map(at_place).collect();
    if show == Show::Missing {
        any.push(Condition::is_null(&place(0)));
    }
    Condition::any(any)
}

/// Whether the server says that it cannot compare what it was asked to: a column of another type, or a project of an older version.
fn cannot_tell(error: &WireError) -> bool {
    matches!(
        error.code.as_deref(),
        Some("42883" | "42804" | "PGRST100" | "PGRST108" | "PGRST120" | "22P02" | "22007")
    )
}
