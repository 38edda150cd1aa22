"""postgrest: the calls on tables that stories use."""

import uuid

import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod, ReturnMethod


@pytest.fixture
def stories(project):
    """The table, and a word that marks the rows of this test."""
    return project.tables, f"source-{uuid.uuid4()}"


def rows(source, *titles, **more):
    return [{"title": title, "prompt": f"about {title}", "source": source, **more} for title in titles]


def code_of(query):
    with pytest.raises(APIError) as caught:
        query.execute()
    return caught.value.code


def test_insert_answers_with_rows_counts_them_or_is_silent(stories):
    tables, source = stories
    answer = tables.from_("stories").insert(rows(source, "a", "b"), count=CountMethod.exact).execute()
    assert [row["title"] for row in answer.data] == ["a", "b"] and answer.count == 2
    assert all(row["status"] == "pending" for row in answer.data)
    silent = tables.from_("stories").insert(rows(source, "c"), returning=ReturnMethod.minimal).execute()
    assert silent.data == []
    chosen = tables.from_("stories").insert(rows(source, "d"), default_to_null=False).select("title").execute()
    assert chosen.data == [{"title": "d"}]


def test_select_embeds_filters_orders_and_pages(stories):
    tables, source = stories
    made = tables.from_("stories").insert(rows(source, "a", "b", "c")).execute().data
    scenes = [{"story_id": made[0]["story_id"], "sequence": n, "text": f"scene {n}"} for n in (1, 0)]
    tables.from_("scenes").insert(scenes).execute()
    embedded = (
        tables.from_("stories")
        .select("title, scenes(sequence, text)")
        .eq("source", source)
        .order("title")
        .order("sequence", foreign_table="scenes")
        .execute()
        .data
    )
    assert embedded[0] == {
        "title": "a",
        "scenes": [{"sequence": 0, "text": "scene 0"}, {"sequence": 1, "text": "scene 1"}],
    }
    assert embedded[1]["scenes"] == []
    page = (
        tables.from_("stories")
        .select("title", count=CountMethod.exact)
        .eq("source", source)
        .order("title", desc=True)
        .range(0, 1)
        .execute()
    )
    assert (page.count, [row["title"] for row in page.data]) == (3, ["c", "b"])
    third = tables.from_("stories").select("title").eq("source", source).order("title").limit(1).offset(2).execute()
    assert third.data == [{"title": "c"}]
    head = tables.from_("stories").select("*", count=CountMethod.exact, head=True).eq("source", source).execute()
    assert head.count == 3


def test_every_filter_that_stories_use(stories):
    tables, source = stories
    tables.from_("stories").insert(rows(source, "a", "b", user_id="u1")).execute()
    tables.from_("stories").insert(rows(source, "c, d")).execute()

    def titles(build):
        query = build(tables.from_("stories").select("title").eq("source", source)).order("title")
        return [row["title"] for row in query.execute().data]

    assert titles(lambda q: q.eq("title", "c, d")) == ["c, d"]
    assert titles(lambda q: q.neq("title", "a")) == ["b", "c, d"]
    assert titles(lambda q: q.gt("title", "a")) == ["b", "c, d"]
    assert titles(lambda q: q.gte("title", "b")) == ["b", "c, d"]
    assert titles(lambda q: q.lt("title", "b")) == ["a"]
    assert titles(lambda q: q.lte("title", "b")) == ["a", "b"]
    assert titles(lambda q: q.like("prompt", "about _")) == ["a", "b"]
    assert titles(lambda q: q.ilike("prompt", "ABOUT c%")) == ["c, d"]
    assert titles(lambda q: q.is_("user_id", "null")) == ["c, d"]
    assert titles(lambda q: q.not_.is_("user_id", "null")) == ["a", "b"]
    assert titles(lambda q: q.in_("title", ["a", "c, d"])) == ["a", "c, d"]
    assert titles(lambda q: q.or_("title.eq.a,user_id.is.null")) == ["a", "c, d"]
    assert titles(lambda q: q.match({"title": "a", "user_id": "u1"})) == ["a"]
    assert titles(lambda q: q.filter("title", "eq", "b")) == ["b"]


def test_single_and_maybe_single(stories):
    tables, source = stories
    tables.from_("stories").insert(rows(source, "a", "b")).execute()
    query = lambda: tables.from_("stories").select("title").eq("source", source)  # noqa: E731
    assert query().eq("title", "a").single().execute().data == {"title": "a"}
    assert code_of(query().single()) == "PGRST116"
    assert query().eq("title", "a").maybe_single().execute().data == {"title": "a"}
    assert query().eq("title", "x").maybe_single().execute() is None


def test_upsert(stories):
    tables, source = stories
    story_id = str(uuid.uuid4())
    row = {**rows(source, "one")[0], "story_id": story_id}
    tables.from_("stories").upsert(row).execute()
    changed = tables.from_("stories").upsert({**row, "title": "two"}, on_conflict="story_id").execute()
    assert [each["title"] for each in changed.data] == ["two"]
    left = tables.from_("stories").upsert({**row, "title": "three"}, ignore_duplicates=True).execute()
    assert left.data == []
    assert tables.from_("stories").select("title").eq("story_id", story_id).single().execute().data == {"title": "two"}


def test_update_and_delete(stories):
    tables, source = stories
    tables.from_("stories").insert(rows(source, "a", "b")).execute()
    change = {"status": "completed", "story_metadata": {"n": [1, {"deep": None}]}}
    updated = tables.from_("stories").update(change, count=CountMethod.exact).eq("source", source).execute()
    assert updated.count == 2
    assert [row["story_metadata"] for row in updated.data] == [{"n": [1, {"deep": None}]}] * 2
    limited = tables.from_("stories").update({"title": "x"}).eq("source", source).max_affected(1)
    assert code_of(limited) == "PGRST124"
    gone = tables.from_("stories").delete(count=CountMethod.exact).eq("source", source).eq("title", "a").execute()
    assert (gone.count, [row["title"] for row in gone.data]) == (1, ["a"])
    silent = tables.from_("stories").delete(returning=ReturnMethod.minimal).eq("source", source).execute()
    assert silent.data == []
    assert tables.from_("stories").select("title").eq("source", source).execute().data == []


def test_errors_have_the_codes_of_postgres(stories):
    tables, source = stories
    made = tables.from_("stories").insert(rows(source, "a")).execute().data[0]
    assert code_of(tables.from_("nope").select("*")) == "PGRST205"
    assert code_of(tables.from_("stories").select("nope")) == "42703"
    assert code_of(tables.from_("stories").select("*").eq("story_id", "x")) == "22P02"
    assert code_of(tables.from_("stories").insert({"title": None, "prompt": "p"})) == "23502"
    assert code_of(tables.from_("stories").insert({"title": "t", "prompt": "p", "nope": 1})) == "PGRST204"
    assert code_of(tables.from_("stories").insert({**rows(source, "b")[0], "story_id": made["story_id"]})) == "23505"
    scene = {"story_id": str(uuid.uuid4()), "sequence": 0, "text": "t"}
    assert code_of(tables.from_("scenes").insert(scene)) == "23503"
    assert code_of(tables.schema("storage").from_("objects").select("*")) == "PGRST106"


def test_the_anon_key_sees_and_writes_no_rows(stories, anon):
    tables, source = stories
    tables.from_("stories").insert(rows(source, "a")).execute()
    assert anon.tables.from_("stories").select("*").eq("source", source).execute().data == []
    assert code_of(anon.tables.from_("stories").insert(rows(source, "b"))) == "42501"
