//! Looking at a file again whose upload was planned, because it is not what it was any more.

use super::head::head;
use super::walk::What;
use super::{Place, PlanItem, Seen};

/// A row with what its file is now: size, time of change, type. Where it goes, and what is to be there, stays as it was
/// planned; whether the bucket takes it, the server says. Blocks.
///
/// # Errors
/// Why it is not sent, as a sentence.
pub(in crate::transfer) fn look_again(planned: &PlanItem) -> Result<PlanItem, String> {
    let Place::File { file } = &planned.from else {
        return Err(format!("{} is no file.", planned.from));
    };
    let shown = file.display();
    let facts = file.symlink_metadata().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("{shown} is not there any more."),
        _ => format!("{shown} cannot be read: {error}."),
    })?;
    if facts.file_type().is_symlink() {
        // Whether links are followed, and how far, was decided for the one that was there.
        return Err(format!("{shown} is a symbolic link, and what it leads to has changed."));
    }
    let (size, modified) = match What::of(&facts) {
        What::File { size, modified } => (size, modified),
        What::Refused(why) => return Err(format!("{shown} is not what was planned. {why}")),
        What::Manifest => return Err(format!("{shown} is no file that is sent.")),
    };
    let head = head(file, size, None, None);
    if let Some(why) = head.refused {
        return Err(format!("{shown} is not sent. {why}"));
    }
    Ok(PlanItem {
        media_type: head.media_type,
        dimensions: head.dimensions,
        size: Some(size),
        seen: Seen {
            size: Some(size),
            modified,
            etag: None,
        },
        ..planned.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::plan::Action;

    fn planned(file: &std::path::Path) -> PlanItem {
        PlanItem {
            from: Place::file(file),
            to: Some(Place::object("b", "k")),
            action: Action::Replace,
            why: "Something else is there.".to_owned(),
            media_type: Some("text/plain".to_owned()),
            size: Some(1),
            dimensions: None,
            seen: Seen::default(),
            replaces: Some(Seen {
                size: Some(5),
                ..Seen::default()
            }),
            renamed_from: None,
        }
    }

    #[test]
    fn the_source_is_seen_anew_and_the_target_stays_as_planned() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.txt");
        std::fs::write(&file, b"GIF89a\x01\x00\x02\x00\x00\x00\x00;").unwrap();
        let before = planned(&file);
        let now = look_again(&before).unwrap();
        let facts = file.metadata().unwrap();
        assert_eq!((now.size, now.seen.size), (Some(14), Some(14)));
        assert_eq!(now.seen.modified, Some(facts.modified().unwrap().try_into().unwrap()));
        assert_eq!(now.media_type.as_deref(), Some("image/gif"));
        assert_eq!(
            (&now.to, now.action, &now.replaces, &now.why),
            (&before.to, before.action, &before.replaces, &before.why)
        );
    }

    #[test]
    fn what_is_gone_or_no_file_any_more_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let gone = look_again(&planned(&folder.path().join("gone"))).unwrap_err();
        assert!(gone.contains("is not there any more"), "{gone}");
        assert!(look_again(&planned(folder.path())).is_err());
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::fs::write(folder.path().join("secret"), b"s").unwrap();
            std::os::unix::fs::symlink(folder.path().join("secret"), &link).unwrap();
            let link = look_again(&planned(&link)).unwrap_err();
            assert!(link.contains("symbolic link"), "{link}");
        }
    }
}
