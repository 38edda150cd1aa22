//! Pictures that others are made from, or like: each provider is sent their very bytes, in the form that it knows, and who
//! cannot take them says so before anything is asked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use storymimi_studio::service::{BatchScope, Service};
use storymimi_studio::story::{BatchSettings, PictureRef, Source, Story, Variant, VariantState, Wanted};
use storymimi_studio::workspace::{Dialect, EngineId};
use tokio_util::sync::CancellationToken;

use super::support::project::{Project, png};
use super::support::provider::{Asked, FakeProvider, PAINTER, form};
use super::{over, story};

/// The pictures of a test: one to begin from, and one that shows who is meant.
struct Pictures {
    base: Vec<u8>,
    like: Vec<u8>,
}

impl Pictures {
    fn new() -> Self {
        Self {
            base: png(40, 30),
            like: png(24, 36),
        }
    }
}

struct Bench {
    project: Project,
    fake: FakeProvider,
    story: Story,
    pictures: Pictures,
}

impl Bench {
    /// A project with every dialect as an engine.
    async fn start() -> Self {
        let fake = FakeProvider::start().await;
        let mut providers: Vec<_> = Dialect::OFFERED
            .into_iter()
            .map(|dialect| fake.provider(dialect))
            .collect();
        for provider in &mut providers {
            // A workflow with a place for one picture of who is meant.
            if let Some(workflow) = provider.extra.get_mut("workflow") {
                workflow["10"] = json!({ "class_type": "LoadImage", "inputs": { "image": "%reference1%" } });
            }
        }
        let project = Project::with(|workspace| {
            let built_in = workspace.provider.clone();
            *workspace = workspace
                .clone()
                .with_providers(providers.into_iter().chain([built_in]).collect());
        })
        .await;
        let story = story(&project, &["a fox in the snow"]).await;
        project.service.keep_drawing();
        Self {
            project,
            fake,
            story,
            pictures: Pictures::new(),
        }
    }

    fn service(&self) -> &Service {
        &self.project.service
    }

    /// What is wanted of a dialect: with a base that an editor brought as a candidate, and a reference that was kept.
    async fn wanted(&self, dialect: Dialect, references: usize) -> Wanted {
        let service = self.service();
        let (story, scene) = (&self.story.story_id, &self.story.scenes[0].scene_id);
        let base = service
            .bring_candidate(story, scene, self.pictures.base.clone().into(), "base.png")
            .await
            .unwrap();
        let like = service.keep_reference(self.pictures.like.clone().into()).await.unwrap();
        Wanted {
            base: Some(PictureRef::Variant(base)),
            strength: Some(0.25),
            references: vec![like; references],
            seed: Some(7),
            ..Wanted::new(engine(dialect), "a fox in the snow")
        }
    }

    /// The variant that came of it, and the request for it.
    async fn drawn(&self, wanted: Wanted) -> (Variant, Asked) {
        let before = self.fake.asked().len();
        let (story, scene) = (&self.story.story_id, &self.story.scenes[0].scene_id);
        let batch = self.service().start_variants(story, scene, wanted, 1).await.unwrap();
        over(self.service(), &batch).await;
        let variant = self.service().batch_variants(&batch).await.unwrap().remove(0);
        assert_eq!(variant.state, VariantState::Made, "{:?}", variant.wanted);
        let draws = |asked: &Asked| {
            let ends = [
                "/edits",
                "/images",
                "/generations",
                ":generateContent",
                "2img",
                "/prompt",
            ];
            asked.method == "POST" && ends.iter().any(|end| asked.path.ends_with(end))
        };
        let asked = self.fake.asked().split_off(before).into_iter().find(draws).unwrap();
        (variant, asked)
    }
}

fn engine(dialect: Dialect) -> EngineId {
    EngineId::new(&format!("Fake {dialect}"))
}

/// The bytes of a `data:` URL of a PNG.
fn data(url: &serde_json::Value) -> Vec<u8> {
    STANDARD
        .decode(url.as_str().unwrap().strip_prefix("data:image/png;base64,").unwrap())
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_gets_a_form_with_the_base_first_and_the_references_behind_it() {
    let bench = Bench::start().await;
    let (_, asked) = bench.drawn(bench.wanted(Dialect::OpenAi, 2).await).await;
    assert_eq!(asked.path, "/openai/v1/images/edits");
    let parts = form(&asked);
    let (files, fields): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.file_name.is_some());
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|part| (part.name.as_str(), part.text())).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            ("model", PAINTER),
            ("n", "1"),
            ("output_format", "png"),
            ("prompt", "a fox in the snow"),
            ("size", "1536x1024"),
        ],
        "it knows no strength"
    );
    let pictures = &bench.pictures;
    let bytes: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_slice()).collect();
    assert_eq!(bytes, [&pictures.base[..], &pictures.like, &pictures.like]);
    for (at, file) in files.iter().enumerate() {
        assert_eq!(
            (file.name.as_str(), file.media_type.as_deref()),
            ("image[]", Some("image/png"))
        );
        assert_eq!(
            file.file_name.as_deref(),
            Some(format!("picture-{}.png", at + 1).as_str())
        );
    }
    bench.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openrouter_together_and_gemini_get_them_in_their_json() {
    let bench = Bench::start().await;
    let (base, like) = (&bench.pictures.base, &bench.pictures.like);
    let (_, asked) = bench.drawn(bench.wanted(Dialect::OpenRouter, 1).await).await;
    let references = asked.json["input_references"].as_array().unwrap();
    let sent: Vec<Vec<u8>> = references.iter().map(|part| data(&part["image_url"]["url"])).collect();
    assert_eq!(sent, [base.clone(), like.clone()]);
    assert_eq!(
        (&asked.json["aspect_ratio"], &asked.json["seed"]),
        (&json!("4:3"), &json!(7))
    );

    let (_, asked) = bench.drawn(bench.wanted(Dialect::Together, 2).await).await;
    assert_eq!(&data(&asked.json["image_url"]), base);
    let references = asked.json["reference_images"].as_array().unwrap();
    assert_eq!(
        references.iter().map(data).collect::<Vec<_>>(),
        [like.clone(), like.clone()]
    );
    assert_eq!(
        (&asked.json["width"], &asked.json["height"]),
        (&json!(1024), &json!(768))
    );

    let (_, asked) = bench.drawn(bench.wanted(Dialect::Gemini, 1).await).await;
    let parts = asked.json["contents"][0]["parts"].as_array().unwrap();
    let sent: Vec<Vec<u8>> = parts[..2]
        .iter()
        .map(|part| STANDARD.decode(part["inlineData"]["data"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(sent, [base.clone(), like.clone()]);
    assert_eq!(parts[0]["inlineData"]["mimeType"], "image/png");
    assert_eq!(parts[2]["text"], "a fox in the snow");
    for dialect in [Dialect::OpenRouter, Dialect::Together, Dialect::Gemini] {
        let able = bench.service().find_engine(&engine(dialect)).unwrap().abilities;
        assert!(
            able.base && !able.strength,
            "{dialect}: nobody is offered what is not sent"
        );
    }
    bench.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_stable_diffusion_and_comfyui_get_the_base_and_how_far_to_go() {
    let bench = Bench::start().await;
    let (base, like) = (&bench.pictures.base, &bench.pictures.like);
    let (_, asked) = bench.drawn(bench.wanted(Dialect::Sdapi, 0).await).await;
    assert_eq!(asked.path, "/sdapi/v1/img2img");
    let images = asked.json["init_images"].as_array().unwrap();
    assert_eq!(images.len(), 1);
    assert_eq!(&STANDARD.decode(images[0].as_str().unwrap()).unwrap(), base);
    assert_eq!(asked.json["denoising_strength"], 0.25);
    assert_eq!(
        (&asked.json["width"], &asked.json["height"]),
        (&json!(1024), &json!(768))
    );

    let (_, asked) = bench.drawn(bench.wanted(Dialect::Comfy, 1).await).await;
    let uploads = bench.fake.uploads();
    let bytes: Vec<&[u8]> = uploads.iter().map(|(_, bytes)| &bytes[..]).collect();
    assert_eq!(bytes, [&base[..], like]);
    let graph = &asked.json["prompt"];
    assert_eq!(graph["8"]["inputs"]["image"], uploads[0].0);
    assert_eq!(graph["10"]["inputs"]["image"], uploads[1].0);
    assert_eq!(graph["3"]["inputs"]["denoise"], 0.25);
    bench.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_scene_shows_is_what_is_begun_from_when_it_is_asked() {
    let bench = Bench::start().await;
    let (service, scene) = (bench.service(), bench.story.scenes[0].scene_id.clone());
    let mut wanted = bench.wanted(Dialect::Together, 0).await;
    let Some(PictureRef::Variant(brought)) = wanted.base.take() else {
        panic!("it is a candidate");
    };
    let source = Source::File {
        bytes: service.variant_picture(&brought).await.unwrap(),
        name: "base.png".to_owned(),
    };
    let never = CancellationToken::new();
    // Whoever has a picture already has the bucket, too.
    let scope = BatchScope::Stories(vec![story(&bench.project, &["a bear"]).await.story_id]);
    let settings = BatchSettings::missing(engine(Dialect::Together));
    let plan = service.plan_batch(&scope, &settings).await.unwrap();
    let batch = service.start_batch(plan).await.unwrap();
    assert_eq!(over(service, &batch).await.counts.placed, 1);
    service
        .replace_picture(&bench.story, &scene, source, &never)
        .await
        .unwrap();
    wanted.base = Some(PictureRef::Live(bench.story.story_id.clone(), scene));
    let (variant, asked) = bench.drawn(wanted).await;
    assert_eq!(
        data(&asked.json["image_url"]),
        bench.pictures.base,
        "as it lies in the bucket"
    );
    assert!(variant.wanted.unwrap().base.is_some());
    service.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_take_pictures_says_so_before_anything_is_asked() {
    let bench = Bench::start().await;
    let (story, scene) = (&bench.story.story_id, &bench.story.scenes[0].scene_id);
    for (dialect, base, references, says) in [
        (
            Dialect::OpenaiLoose,
            true,
            0,
            "“Fake openai-loose” cannot begin from another picture.",
        ),
        (
            Dialect::OpenaiLoose,
            false,
            1,
            "“Fake openai-loose” takes no reference pictures.",
        ),
        (
            Dialect::Sdapi,
            true,
            1,
            "“Fake sdapi” takes no reference pictures beside the one that it begins from.",
        ),
        (
            Dialect::Comfy,
            true,
            2,
            "“Fake comfy” takes at most one reference picture here.",
        ),
        (
            Dialect::Together,
            true,
            5,
            "“Fake together” takes at most 4 reference pictures here.",
        ),
        (
            Dialect::OpenRouter,
            true,
            8,
            "“Fake openrouter” takes at most 7 reference pictures here.",
        ),
        (
            Dialect::OpenRouter,
            false,
            9,
            "“Fake openrouter” takes at most 8 reference pictures here.",
        ),
        (
            Dialect::OpenAi,
            true,
            16,
            "“Fake openai” takes at most 15 reference pictures here.",
        ),
    ] {
        let mut wanted = bench.wanted(dialect, references).await;
        wanted.base = wanted.base.filter(|_| base);
        let problem = bench
            .service()
            .start_variants(story, scene, wanted, 1)
            .await
            .unwrap_err();
        assert_eq!(problem.what, says);
        assert!(problem.advice.contains("another engine"), "{}", problem.advice);
    }
    assert!(bench.fake.asked().is_empty(), "nobody was asked for anything");
    bench.service().close().await;
}
