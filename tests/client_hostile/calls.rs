//! Every call that the client has.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use storymimi_studio::supabase::{
    Access, BucketName, BucketQuery, BucketUpdate, ByteRange, Condition, CopyOptions, Count, Destination, Error,
    FlatQuery, LevelQuery, ListSort, NewBucket, ObjectEdit, ObjectKey, Objects, Purge, Reading, ResumableUpload,
    Signing, Supabase, Transform, Upload, UploadId,
};

/// How a call ends.
pub type Outcome = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Makes a call.
pub type Make = fn(Supabase) -> Outcome;

fn key() -> ObjectKey {
    ObjectKey::parse("d/a b.png").unwrap()
}

fn name() -> BucketName {
    BucketName::parse("b").unwrap()
}

fn objects(project: &Supabase) -> Objects {
    project.bucket(&name())
}

fn upload(upsert: bool) -> Upload {
    Upload {
        upsert,
        ..Upload::new("image/png")
    }
}

fn minute() -> Signing {
    Signing::lasting(Duration::from_secs(60))
}

fn there() -> Destination {
    Destination {
        bucket: Some(BucketName::parse("c").unwrap()),
        key: key(),
    }
}

/// One step of a walk that ends when the server says so; a server that never does is left after a few.
macro_rules! walk {
    ($walk:expr) => {{
        let mut walk = $walk;
        for _ in 0..5 {
            if walk.next().await?.is_none() {
                break;
            }
        }
        Ok(())
    }};
}

/// Every call that the client has.
pub fn calls() -> Vec<(&'static str, Make)> {
    vec![
        ("list buckets", |p| {
            Box::pin(async move { p.buckets().list().await.map(drop) })
        }),
        ("search buckets", |p| {
            Box::pin(async move {
                let query = BucketQuery {
                    limit: Some(3),
                    ..BucketQuery::default()
                };
                p.buckets().search(&query).await.map(drop)
            })
        }),
        ("get bucket", |p| {
            Box::pin(async move { p.buckets().get(&name()).await.map(drop) })
        }),
        ("ensure bucket", |p| {
            Box::pin(async move {
                let new = NewBucket {
                    name: name(),
                    public: true,
                    file_size_limit: None,
                    allowed_mime_types: None,
                };
                p.buckets().ensure(&new).await.map(drop)
            })
        }),
        ("change bucket", |p| {
            Box::pin(async move {
                let update = BucketUpdate {
                    public: Some(true),
                    ..BucketUpdate::default()
                };
                p.buckets().update(&name(), &update).await
            })
        }),
        ("delete bucket", |p| {
            Box::pin(async move { p.buckets().delete(&name()).await })
        }),
        ("empty bucket", |p| {
            Box::pin(async move { p.buckets().empty(&name()).await })
        }),
        ("upload", |p| {
            Box::pin(async move {
                objects(&p)
                    .upload(&key(), Bytes::from_static(b"x"), &upload(false))
                    .await
                    .map(drop)
            })
        }),
        ("replace", |p| {
            Box::pin(async move {
                objects(&p)
                    .upload(&key(), Bytes::from_static(b"x"), &upload(true))
                    .await
                    .map(drop)
            })
        }),
        ("download", |p| {
            Box::pin(async move { objects(&p).download(&key()).await.map(drop) })
        }),
        ("download a part", |p| {
            Box::pin(async move {
                objects(&p)
                    .download_part(&key(), ByteRange::Between(1, 3))
                    .await
                    .map(drop)
            })
        }),
        ("download if changed", |p| {
            Box::pin(async move {
                let how = Reading {
                    access: Access::Public,
                    unless: Some("\"e\"".into()),
                    save_as: Some(String::new()),
                    range: None,
                };
                objects(&p).read(&key(), &how).await.map(drop)
            })
        }),
        ("stream", |p| {
            Box::pin(async move {
                let mut stream = objects(&p).open(&key(), None, None).await?;
                while stream.chunk().await?.is_some() {}
                Ok(())
            })
        }),
        ("info", |p| {
            Box::pin(async move { objects(&p).info(&key()).await.map(drop) })
        }),
        ("head", |p| {
            Box::pin(async move { objects(&p).head(&key(), Access::Keyed).await.map(drop) })
        }),
        ("exists", |p| {
            Box::pin(async move { objects(&p).exists(&key()).await.map(drop) })
        }),
        ("remove", |p| {
            Box::pin(async move { objects(&p).remove(&[key()]).await.map(drop) })
        }),
        ("remove one", |p| {
            Box::pin(async move { objects(&p).remove_one(&key()).await.map(drop) })
        }),
        ("move", |p| {
            Box::pin(async move { objects(&p).move_to(&key(), &there()).await })
        }),
        ("copy", |p| {
            Box::pin(async move {
                objects(&p)
                    .copy_to(&key(), &there(), &CopyOptions::default())
                    .await
                    .map(drop)
            })
        }),
        ("edit", |p| {
            Box::pin(async move {
                let edit = ObjectEdit {
                    cache_control: Some("no-cache".into()),
                    ..ObjectEdit::default()
                };
                objects(&p).edit(&key(), &edit).await.map(drop)
            })
        }),
        ("sign", |p| {
            Box::pin(async move { objects(&p).sign(&key(), &minute()).await.map(drop) })
        }),
        ("sign rendered", |p| {
            Box::pin(async move {
                objects(&p)
                    .sign_rendered(&key(), &Transform::default(), &minute())
                    .await
                    .map(drop)
            })
        }),
        ("sign upload", |p| {
            Box::pin(async move { objects(&p).sign_upload(&key(), false, &Map::new()).await.map(drop) })
        }),
        ("render", |p| {
            Box::pin(async move {
                objects(&p)
                    .render(&key(), &Transform::default(), Access::Keyed)
                    .await
                    .map(drop)
            })
        }),
        ("list", |p| Box::pin(async move { walk!(objects(&p).list("d")) })),
        ("browse", |p| {
            Box::pin(async move { walk!(objects(&p).browse("d", ListSort::Name, false)) })
        }),
        ("search", |p| {
            Box::pin(async move { objects(&p).search("d", "a").await.map(drop) })
        }),
        ("flat page", |p| {
            Box::pin(async move { objects(&p).flat_page(&FlatQuery::default()).await.map(drop) })
        }),
        ("level page", |p| {
            Box::pin(async move { objects(&p).level_page(&LevelQuery::default()).await.map(drop) })
        }),
        ("purge", |p| {
            Box::pin(async move { p.cdn().purge_object(&name(), &key(), Purge::Everything).await })
        }),
        ("ask about uploads", |p| {
            Box::pin(async move { objects(&p).resumable().server().await.map(drop) })
        }),
        ("begin an upload", |p| {
            Box::pin(async move {
                objects(&p)
                    .resumable()
                    .create(&key(), Some(9), &upload(false), None)
                    .await
                    .map(drop)
            })
        }),
        ("go on with an upload", |p| {
            Box::pin(async move {
                let id = UploadId::parse("aWQ").unwrap();
                let steps = objects(&p).resumable();
                steps
                    .append(&id, &key(), 0, Bytes::from_static(b"x"), false, None)
                    .await
                    .map(drop)
            })
        }),
        ("look at an upload", |p| {
            Box::pin(async move {
                let id = UploadId::parse("aWQ").unwrap();
                objects(&p).resumable().place(&id, &key()).await.map(drop)
            })
        }),
        ("end an upload", |p| {
            Box::pin(async move {
                let id = UploadId::parse("aWQ").unwrap();
                objects(&p).resumable().terminate(&id, &key(), false).await
            })
        }),
        ("upload in pieces", |p| {
            Box::pin(async move {
                let mut upload = ResumableUpload::new(&objects(&p), &key(), &upload(false));
                upload
                    .run(&mut Bytes::from_static(b"0123456789"), &|_| {})
                    .await
                    .map(drop)
            })
        }),
        ("read rows", |p| {
            Box::pin(async move {
                p.rest()
                    .from("t")
                    .eq("id", 1)
                    .fetch::<Map<String, Value>>()
                    .await
                    .map(drop)
            })
        }),
        ("read all rows", |p| {
            Box::pin(async move { p.rest().from("t").fetch_counted::<Map<String, Value>>().await.map(drop) })
        }),
        ("read one row", |p| {
            Box::pin(async move { p.rest().from("t").fetch_one::<Map<String, Value>>().await.map(drop) })
        }),
        ("count rows", |p| {
            Box::pin(async move { p.rest().from("t").count(Count::Exact).await.map(drop) })
        }),
        ("add rows", |p| {
            Box::pin(async move {
                p.rest()
                    .from("t")
                    .insert::<Map<String, Value>>(&json!({}))
                    .await
                    .map(drop)
            })
        }),
        ("add or change rows", |p| {
            Box::pin(async move {
                p.rest()
                    .from("t")
                    .upsert::<Map<String, Value>>(&json!({}), "id")
                    .await
                    .map(drop)
            })
        }),
        ("change rows", |p| {
            Box::pin(async move {
                let query = p.rest().from("t").filter(Condition::any([Condition::eq("id", 1)]));
                query.update::<Map<String, Value>>(&json!({"a": 1})).await.map(drop)
            })
        }),
        ("delete rows", |p| {
            Box::pin(async move {
                p.rest()
                    .from("t")
                    .eq("id", 1)
                    .delete::<Map<String, Value>>()
                    .await
                    .map(drop)
            })
        }),
    ]
}
