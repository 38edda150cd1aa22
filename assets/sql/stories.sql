-- The tables of an illustrated-story service, for a new Supabase project: run it once in the project's SQL editor.
-- It can be run again, and leaves what is there as it is. Projects that have stories and scenes already keep theirs, whatever
-- they are like: StoryMimi Studio recognises them, and leaves out columns that are missing there.

-- ── Tables ──

create table if not exists public.stories (
    story_id uuid primary key default gen_random_uuid(),
    title text not null check (title <> ''),
    prompt text,
    status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
    user_id text,
    story_metadata jsonb,
    source text,
    updated_by text,
    cover_image_url text,
    -- Who looked at the story before it was published, and when.
    approved_by text,
    approved_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((approved_by is null) = (approved_at is null))
);

create table if not exists public.scenes (
    scene_id uuid primary key default gen_random_uuid(),
    story_id uuid not null references public.stories (story_id) on delete cascade,
    sequence integer not null check (sequence >= 0),
    title text,
    text text not null,
    image_prompt text,
    image_url text,
    audio_url text,
    -- What the picture shows, for those who cannot see it.
    alt_text text,
    image_error text,
    user_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

-- Copies for everybody, with their scenes in them: [{"sequence": 0, "text": "…", "image_url": "…", "audio_url": "…"}]
create table if not exists public.public_stories (
    id uuid primary key default gen_random_uuid(),
    title text not null,
    description text,
    cover_image_url text,
    tags jsonb,
    duration text,
    featured boolean not null default false,
    view_count integer not null default 0,
    age_rating text check (age_rating in ('ALL', '3+', '6+', '9+', '12+')),
    language text,
    category text,
    difficulty_level text,
    published boolean not null default false,
    scenes jsonb not null default '[]' check (jsonb_typeof(scenes) = 'array'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

-- ── Lists of many stories: each order and each filter of the program has its index ──

create index if not exists stories_newest_first on public.stories (created_at desc, story_id);
create index if not exists stories_changed_last_first on public.stories (updated_at desc, story_id);
create index if not exists stories_by_title on public.stories (title, story_id);
create index if not exists stories_by_status on public.stories (status, story_id);
create index if not exists scenes_of_story on public.scenes (story_id, sequence);
create index if not exists scenes_without_picture on public.scenes (story_id)
    where image_url is null or image_url = '';
create index if not exists scenes_without_alt_text on public.scenes (story_id)
    where image_url is not null and image_url <> '' and (alt_text is null or alt_text = '');

-- Searches and "which scenes show this picture" look for a part of a text.
create extension if not exists pg_trgm with schema extensions;
create index if not exists stories_title_parts on public.stories using gin (title extensions.gin_trgm_ops);
create index if not exists stories_prompt_parts on public.stories using gin (prompt extensions.gin_trgm_ops);
create index if not exists stories_cover_parts on public.stories using gin (cover_image_url extensions.gin_trgm_ops);
create index if not exists scenes_picture_parts on public.scenes using gin (image_url extensions.gin_trgm_ops);

-- ── The time of a change is always that of the change: editors are told by it that somebody was faster ──

create or replace function public.note_change() returns trigger
    language plpgsql set search_path = '' as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end $$;

create or replace trigger stories_note_change before update on public.stories
    for each row execute function public.note_change();
create or replace trigger scenes_note_change before update on public.scenes
    for each row execute function public.note_change();
create or replace trigger public_stories_note_change before update on public.public_stories
    for each row execute function public.note_change();

-- ── Who may do what ──
-- An editor is a user whose app_metadata says so, which users cannot change themselves:
--   update auth.users set raw_app_meta_data = raw_app_meta_data || '{"role": "editor"}' where email = 'her@example.org';
-- The service key may do everything in any case; visitors read what is published.

create or replace function public.is_story_editor() returns boolean
    language sql stable set search_path = '' as $$
    select coalesce((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'editor', false)
$$;

alter table public.stories enable row level security;
alter table public.scenes enable row level security;
alter table public.public_stories enable row level security;

drop policy if exists "Editors work on stories" on public.stories;
create policy "Editors work on stories" on public.stories
    for all to authenticated
    using ((select public.is_story_editor())) with check ((select public.is_story_editor()));

drop policy if exists "Editors work on scenes" on public.scenes;
create policy "Editors work on scenes" on public.scenes
    for all to authenticated
    using ((select public.is_story_editor())) with check ((select public.is_story_editor()));

drop policy if exists "Editors work on public copies" on public.public_stories;
create policy "Editors work on public copies" on public.public_stories
    for all to authenticated
    using ((select public.is_story_editor())) with check ((select public.is_story_editor()));

drop policy if exists "Everybody reads what is published" on public.public_stories;
create policy "Everybody reads what is published" on public.public_stories
    for select to anon, authenticated
    using (published);

-- ── Pictures: anybody may read the objects of a public bucket; editors store, replace and remove them ──

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('story-images', 'story-images', true, 5000000, array['image/png', 'image/jpeg', 'image/webp'])
on conflict (id) do nothing;

drop policy if exists "Editors see the bucket of stories" on storage.buckets;
create policy "Editors see the bucket of stories" on storage.buckets
    for select to authenticated
    using (id = 'story-images' and (select public.is_story_editor()));

drop policy if exists "Editors work on pictures of stories" on storage.objects;
create policy "Editors work on pictures of stories" on storage.objects
    for all to authenticated
    using (bucket_id = 'story-images' and (select public.is_story_editor()))
    with check (bucket_id = 'story-images' and (select public.is_story_editor()));

-- Without it the API would not see the change for a while.
notify pgrst, 'reload schema';
