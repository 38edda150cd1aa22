//! The connection test recognises what stories can be kept in, with rows and without.

use storymimi_studio::local::TableLayout;
use storymimi_studio::service::Workspaces;
use storymimi_studio::service::connection::{Check, CheckId, CheckState, Draft, Fix};
use storymimi_studio::workspace::{Access, ApiKey, Home, ProjectUrl, Tables};

use crate::fixtures::{ALL, LaidOut, told};
use crate::support::project::workspaces;

struct Tested {
    stories: Check,
    alt_text: Check,
}

async fn tested(project: &LaidOut, workspaces: &Workspaces, tables: Tables) -> Tested {
    let draft = Draft {
        url: ProjectUrl::parse(project.server.url()).unwrap(),
        key: ApiKey::parse(project.server.service_key()).unwrap(),
        access: Access::Key,
        password: None,
        session: None,
        bucket: "story-images".to_owned(),
        tables,
        providers: Vec::new(),
    };
    let checks = workspaces.test(&draft, &|_| {}).await;
    let check = |id| checks.iter().find(|check| check.id == id).unwrap().clone();
    Tested {
        stories: check(CheckId::Stories),
        alt_text: check(CheckId::AltText),
    }
}

fn of(project: &LaidOut) -> Workspaces {
    let home = Home::at(&project.folder.path().join("test"));
    workspaces(&project.server, &home, tokio::runtime::Handle::current())
}

#[tokio::test]
async fn every_layout_in_which_stories_work_passes_the_connection_test() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        let workspaces = of(&project);
        for rows in [0_u64, 2] {
            if rows > 0 {
                for title in ["Pip", "Pop"] {
                    project.tell(layout, title, "completed", &[told("Once.", None)]).await;
                }
            }
            let Tested { stories, alt_text } = tested(&project, &workspaces, Tables::default()).await;
            let (state, said) = (stories.state, stories.words.as_str());
            let counted = format!("{rows} rows");
            assert!(said.contains(&counted), "{layout:?}: {said}");
            match layout {
                TableLayout::Usual => {
                    assert_eq!(state, CheckState::Ok, "{said}");
                    assert_eq!(said, format!("public.stories, {counted}, public.scenes, {counted}"));
                }
                // Columns can be added there.
                TableLayout::Backend => {
                    assert_eq!(state, CheckState::Warning, "{said}");
                    assert!(
                        said.ends_with("an older layout, without scenes.image_error, scenes.updated_at"),
                        "{said}"
                    );
                }
                // Two tables that nothing connects: said, with what connects them by the key that is there.
                TableLayout::Unrelated => {
                    assert_eq!(state, CheckState::Warning, "{said}");
                    assert!(said.ends_with("no foreign key connects them"), "{said}");
                    let key = |sql: &str| sql.contains("references public.stories (id)");
                    assert!(
                        matches!(&stories.fix, Some(Fix::CopySql(sql)) if key(sql)),
                        "{:?}",
                        stories.fix
                    );
                }
                TableLayout::Guide | TableLayout::Numbered | TableLayout::TextColumn => {
                    assert_eq!(state, CheckState::Ok, "{layout:?}: {said}");
                    let begins = format!("public.stories, {counted}, scenes as JSON in each; there is no stories.");
                    assert!(said.starts_with(&begins), "{layout:?}: {said}");
                }
                TableLayout::PublicOnly => {
                    assert_eq!(state, CheckState::Ok, "{said}");
                    let begins = format!("public.public_stories, {counted}, scenes as JSON in each");
                    assert!(said.starts_with(&begins), "{said}");
                }
            }
            let alt = (alt_text.state, alt_text.words.as_str());
            match layout {
                TableLayout::Usual => assert_eq!(alt, (CheckState::Ok, "scenes.alt_text")),
                TableLayout::Backend | TableLayout::Unrelated => assert_eq!(alt.0, CheckState::Warning, "{alt:?}"),
                _ => assert_eq!(alt, (CheckState::Ok, "In the JSON of each scene"), "{layout:?}"),
            }
        }
    }
}

/// What another layout has does not hide that a name was mistyped.
#[tokio::test]
async fn a_table_of_scenes_that_is_not_there_is_still_told() {
    let project = LaidOut::start(TableLayout::Usual).await;
    let tables = Tables {
        scenes: "scnes".parse().unwrap(),
        ..Tables::default()
    };
    let Tested { stories, alt_text } = tested(&project, &of(&project), tables).await;
    assert_eq!(
        (stories.state, stories.words.as_str()),
        (CheckState::Failed, "There is no table public.scnes")
    );
    assert!(matches!(&stories.fix, Some(Fix::CopySql(sql)) if sql.contains("public.scnes (")));
    assert_eq!(alt_text.state, CheckState::Skipped);
}
