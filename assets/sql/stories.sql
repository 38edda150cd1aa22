-- The tables of an illustrated-story service, for a new Supabase project.
-- Run it once in the project's SQL editor. Projects that have stories and scenes already keep theirs: columns that
-- are missing there (alt_text, image_error, cover_image_url, story_metadata) are left out by the program.

create table if not exists public.stories (
    story_id uuid primary key default gen_random_uuid(),
    title text not null,
    prompt text,
    status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
    user_id text,
    story_metadata jsonb,
    source text,
    updated_by text,
    cover_image_url text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table if not exists public.scenes (
    scene_id uuid primary key default gen_random_uuid(),
    story_id uuid not null references public.stories (story_id) on delete cascade,
    sequence integer not null,
    title text,
    text text not null,
    image_prompt text,
    image_url text,
    audio_url text,
    alt_text text,
    image_error text,
    user_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index if not exists scenes_of_story on public.scenes (story_id, sequence);
create index if not exists stories_newest_first on public.stories (created_at desc);

-- Nobody but the service key may read or write until you add policies of your own.
alter table public.stories enable row level security;
alter table public.scenes enable row level security;
