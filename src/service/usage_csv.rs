//! What takes the space of a bucket, as a table.

use super::BucketUsage;
use super::signing::field;
use crate::catalog::{FolderUsage, Total};

/// Comma-separated values (RFC 4180): what is told of, its name, objects, bytes, and whether the bytes are a lower bound. Safe to
/// open with a spreadsheet: no name is taken for a formula.
#[must_use]
pub fn usage_csv(usage: &BucketUsage) -> String {
    let mut csv = String::from("\"of\",\"name\",\"objects\",\"bytes\",\"lower bound\"\r\n");
    let usage = &usage.usage;
    let mut row = |of: &str, name: &str, total: &Total| {
        let partial = if total.partial { "yes" } else { "no" };
        let (of, name) = (field(of), field(name));
        csv.push_str(&format!(
            "{of},{name},{},{},\"{partial}\"\r\n",
            total.objects, total.bytes
        ));
    };
    row("bucket", "", &usage.total);
    let mut folders = vec![&usage.tree];
    while let Some(folder) = folders.pop() {
        if !folder.prefix.is_empty() {
            row("folder", &folder.prefix, &folder.total);
        }
        folders.extend(folder.folders.iter().rev());
        others(folder, &mut row);
    }
    for share in &usage.types {
        row("type", &share.name, &share.total);
    }
    for (age, total) in &usage.ages {
        row("age", age.words(), total);
    }
    csv
}

fn others(folder: &FolderUsage, row: &mut impl FnMut(&str, &str, &Total)) {
    if folder.other_folders > 0 {
        let name = format!("{} smaller folders of {}", folder.other_folders, folder.prefix);
        row("folders", &name, &folder.others);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Age, Share, Usage};

    #[test]
    fn names_are_no_formulas() {
        let total = Total {
            objects: 2,
            bytes: 30,
            partial: true,
        };
        let folder = |prefix: &str, folders| FolderUsage {
            prefix: prefix.to_owned(),
            total,
            folders,
            ..FolderUsage::default()
        };
        let csv = usage_csv(&BucketUsage {
            usage: Usage {
                total,
                tree: folder("", vec![folder("=cmd/", vec![folder("=cmd/a\"b/", Vec::new())])]),
                types: vec![Share {
                    name: "image/png".to_owned(),
                    total,
                }],
                ages: vec![(Age::Week, total)],
                largest: Vec::new(),
                oldest: Vec::new(),
            },
            growth: None,
        });
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(
            lines[1..],
            [
                "\"bucket\",\"\",2,30,\"yes\"",
                "\"folder\",\"'=cmd/\",2,30,\"yes\"",
                "\"folder\",\"'=cmd/a\"\"b/\",2,30,\"yes\"",
                "\"type\",\"image/png\",2,30,\"yes\"",
                "\"age\",\"Under a week\",2,30,\"yes\"",
            ]
        );
    }
}
