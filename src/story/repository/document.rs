//! Scenes that are kept as JSON in one column: read from whatever form it has, changed in place, written back in the same form.
//! What is not known here stays as it was.

use serde_json::{Map, Value};

use super::read::{self, Field};
use crate::story::model::{Scene, SceneId, StoryId};

/// JSON in JSON in a text, at most: services have encoded twice, and a third time is somebody's joke.
const LAYERS: usize = 3;

/// The scenes of one column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    /// How often the JSON was made a text.
    layers: usize,
    /// What the scenes are in: themselves, or an object that has them.
    whole: Value,
    /// The name of the scenes in that object.
    within: Option<String>,
}

/// A column that is no list of scenes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotScenes;

impl Document {
    /// No scenes.
    pub(super) fn empty() -> Self {
        Self {
            layers: 0,
            whole: Value::Array(Vec::new()),
            within: None,
        }
    }

    /// Reads a column. Nothing, in any form, is no scenes.
    ///
    /// # Errors
    /// If there is something that has no list of scenes.
    pub(super) fn read(column: &Value) -> Result<Self, NotScenes> {
        let (mut whole, mut layers) = (column.clone(), 0);
        while let Value::String(text) = &whole {
            if text.trim().is_empty() {
                return Ok(Self::empty());
            }
            layers += 1;
            if layers > LAYERS {
                return Err(NotScenes);
            }
            whole = serde_json::from_str(text).map_err(|_| NotScenes)?;
        }
        match &whole {
            Value::Null => Ok(Self::empty()),
            Value::Array(_) => Ok(Self {
                layers,
                whole,
                within: None,
            }),
            Value::Object(fields) if fields.is_empty() => Ok(Self::empty()),
            Value::Object(fields) => {
                let name = fields
                    .iter()
                    .find(|(name, value)| name.eq_ignore_ascii_case("scenes") && value.is_array());
                let within = Some(name.ok_or(NotScenes)?.0.clone());
                Ok(Self { layers, whole, within })
            }
            _ => Err(NotScenes),
        }
    }

    /// The column as it is to be written.
    pub(super) fn column(&self) -> Value {
        (0..self.layers).fold(self.whole.clone(), |value, _| Value::String(value.to_string()))
    }

    /// Whether paths into the column find scenes: a database does not look into texts.
    pub(super) fn is_plain(&self) -> bool {
        self.layers == 0
    }

    /// What stands before an item's number in a path into the column.
    pub(super) fn path(&self, column: &str) -> String {
        match &self.within {
            Some(name) => format!("{column}->{name}"),
            None => column.to_owned(),
        }
    }

    /// The scenes, in the order of the list.
    pub(super) fn items(&self) -> &[Value] {
        let list = match &self.within {
            Some(name) => &self.whole[name.as_str()],
            None => &self.whole,
        };
        list.as_array().map_or(&[], Vec::as_slice)
    }

    fn items_mut(&mut self) -> Option<&mut Vec<Value>> {
        let list = match &self.within {
            Some(name) => self.whole.get_mut(name.as_str())?,
            None => &mut self.whole,
        };
        list.as_array_mut()
    }

    /// The ids of the scenes, in the order of the list. One that has none, or one that another before it has, has the one of its place.
    pub(super) fn ids(&self, story: &StoryId) -> Vec<SceneId> {
        let items = self.items();
        let mut ids: Vec<Option<SceneId>> = Vec::with_capacity(items.len());
        for item in items {
            let own = read::field(item, Field::SceneId).and_then(SceneId::stored);
            let taken = own.as_ref().is_some_and(|own| ids.iter().flatten().any(|id| id == own));
            ids.push(own.filter(|_| !taken));
        }
        for place in 0..ids.len() {
            if ids[place].is_some() {
                continue;
            }
            // A scene that was moved took the id of its first place with it.
            let mut again = 0;
            let id = loop {
                let id = SceneId::of_place(story, place, again);
                if !ids.iter().flatten().any(|other| *other == id) {
                    break id;
                }
                again += 1;
            };
            ids[place] = Some(id);
        }
        ids.into_iter().flatten().collect()
    }

    /// Places in the list, in the order in which scenes are told: by their numbers, if all have one.
    pub(super) fn order(&self) -> Vec<usize> {
        let numbers: Option<Vec<i64>> = self.items().iter().map(read::number).collect();
        let mut order: Vec<usize> = (0..self.items().len()).collect();
        if let Some(numbers) = numbers {
            order.sort_by_key(|&at| numbers[at]);
        }
        order
    }

    /// The scenes as they are told, with what of them could not be read.
    pub(super) fn scenes(&self, story: &StoryId, flaws: &mut Vec<String>) -> Vec<Scene> {
        let ids = self.ids(story);
        let told = self.order().into_iter().enumerate();
        told.map(|(index, at)| read::scene(ids[at].clone(), index, &self.items()[at], flaws))
            .collect()
    }

    /// The place in the list of a scene.
    pub(super) fn find(&self, story: &StoryId, scene: &SceneId) -> Option<usize> {
        self.ids(story).iter().position(|id| id == scene)
    }

    /// Changes fields of the scene at a place in the list, under the names that it has for them.
    pub(super) fn set(&mut self, at: usize, fields: &[(Field, Value)]) {
        let Some(item) = self.items_mut().and_then(|items| items.get_mut(at)) else {
            return;
        };
        if !item.is_object() {
            // A text alone is a scene's text.
            let text = std::mem::take(item);
            let mut object = Map::new();
            if !text.is_null() {
                object.insert(Field::Text.name().to_owned(), text);
            }
            *item = Value::Object(object);
        }
        let Some(object) = item.as_object_mut() else { return };
        for (field, value) in fields {
            let name = read::name_in(object, *field).unwrap_or_else(|| field.name().to_owned());
            // What is not there and is to hold nothing stays away.
            if !value.is_null() || object.contains_key(&name) {
                object.insert(name, value.clone());
            }
        }
    }

    /// Puts the scenes into another order, given as places in the list, some of them perhaps left out, and adds `added` at the end of
    /// that order's list before it: a place beyond the list is one of them. Scenes keep the ids that they are known by.
    pub(super) fn rearrange(&mut self, story: &StoryId, added: Vec<Value>, order: &[usize]) {
        let numbers: Option<Vec<i64>> = self.items().iter().map(read::number).collect();
        let ids = self.ids(story);
        let Some(items) = self.items_mut() else { return };
        let first = numbers.as_ref().and_then(|numbers| numbers.iter().min().copied());
        let numbered = numbers.is_some();
        let all: Vec<Value> = std::mem::take(items).into_iter().chain(added).collect();
        *items = order.iter().filter_map(|&at| all.get(at).cloned()).collect();
        if numbered {
            for (place, number) in numbers_from(first, order.len()).enumerate() {
                self.set(place, &[(Field::Number, Value::from(number))]);
            }
        }
        // An id that is written may be the one that another had by its place: so until all are right.
        for _ in 0..order.len() {
            let now = self.ids(story);
            let wanted = order.iter().map(|at| ids.get(*at)).zip(&now).enumerate();
            let lost =
                wanted.filter_map(|(place, (wanted, now))| Some((place, wanted.filter(|wanted| *wanted != now)?)));
            let lost: Vec<(usize, &SceneId)> = lost.collect();
            if lost.is_empty() {
                return;
            }
            for (place, id) in lost {
                self.set(place, &[(Field::SceneId, Value::from(id.as_str()))]);
            }
        }
    }
}

/// So many numbers in a row, from the first that there was, or from 0 where that leaves no room.
pub(super) fn numbers_from(first: Option<i64>, count: usize) -> impl Iterator<Item = i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let first = first
        .filter(|first| first.checked_add(count).is_some())
        .unwrap_or_default();
    first..first + count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn json_values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\é]{0,8}".prop_map(Value::from),
            Just(json!("same")),
        ];
        let name = prop_oneof![
            Just("scenes".to_owned()),
            Just("id".to_owned()),
            Just("sequence".to_owned()),
            Just("imageUrl".to_owned()),
            Just("text".to_owned()),
            "[a-z]{1,3}",
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((name.clone(), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn story() -> StoryId {
        StoryId::parse("8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f").unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is read is written back as it was, and one change changes one thing.
        #[test]
        fn a_column_is_written_as_it_was_read(column in json_values(), layers in 0_usize..3, pick in any::<prop::sample::Index>()) {
            let column = (0..layers).fold(column, |value, _| Value::String(value.to_string()));
            let Ok(mut document) = Document::read(&column) else { return Ok(()) };
            let story = story();
            let ids = document.ids(&story);
            let mut distinct = ids.clone();
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), ids.len());
            if document.items().is_empty() {
                return Ok(());
            }
            prop_assert_eq!(document.column(), column);
            let at = pick.index(ids.len());
            prop_assert_eq!(document.find(&story, &ids[at]), Some(at));
            let before = document.items().to_vec();
            document.set(at, &[(Field::ImageUrl, json!("new"))]);
            prop_assert_eq!(Document::read(&document.column()), Ok(document.clone()));
            for (place, item) in document.items().iter().enumerate() {
                if place != at {
                    prop_assert_eq!(item, &before[place]);
                }
            }
            prop_assert_eq!(read::field(&document.items()[at], Field::ImageUrl), Some(&json!("new")));
        }

        /// Scenes keep their ids and all that they have wherever they go.
        #[test]
        fn scenes_keep_what_they_are_known_by(column in json_values(), order in any::<prop::sample::Index>(), moves in 1_usize..4) {
            let Ok(mut document) = Document::read(&column) else { return Ok(()) };
            let story = story();
            for _ in 0..moves {
                let ids = document.ids(&story);
                let told = document.order();
                if told.is_empty() {
                    return Ok(());
                }
                let mut wanted = told.clone();
                wanted.rotate_left(order.index(told.len()));
                document.rearrange(&story, Vec::new(), &wanted);
                let expected: Vec<SceneId> = wanted.iter().map(|&at| ids[at].clone()).collect();
                let now = document.ids(&story);
                let now: Vec<SceneId> = document.order().iter().map(|&at| now[at].clone()).collect();
                prop_assert_eq!(now, expected);
            }
        }
    }

    #[test]
    fn a_scene_that_is_taken_out_leaves_the_others_with_their_ids() {
        let story = story();
        let mut document = Document::read(&json!([{"text": "a"}, {"text": "b"}, {"text": "c"}])).unwrap();
        let ids = document.ids(&story);
        document.rearrange(&story, Vec::new(), &[0, 2]);
        assert_eq!(document.ids(&story), [ids[0].clone(), ids[2].clone()]);
        // Another program appends one without an id, at the place that the last one had.
        let mut column = document.column();
        column.as_array_mut().unwrap().push(json!({"text": "d"}));
        let document = Document::read(&column).unwrap();
        let now = document.ids(&story);
        assert_eq!(now[..2], [ids[0].clone(), ids[2].clone()]);
        assert!(!ids.contains(&now[2]) || now[2] != ids[2]);
    }

    #[test]
    fn what_is_no_list_is_told() {
        for wrong in [
            json!(5),
            json!(true),
            json!("no json"),
            json!("\"a\""),
            json!({"pages": []}),
            json!({"scenes": 3}),
        ] {
            assert_eq!(Document::read(&wrong), Err(NotScenes), "{wrong}");
        }
        let deep = (0..6).fold(json!([]), |value, _| Value::String(value.to_string()));
        assert_eq!(Document::read(&deep), Err(NotScenes));
    }
}
