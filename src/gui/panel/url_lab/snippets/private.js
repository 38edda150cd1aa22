import { createClient } from "@supabase/supabase-js";

const sb = createClient(
  process.env.SUPABASE_URL,
  process.env.SUPABASE_KEY,
);
const { data, error } = await sb.storage
  .from({bucket})
  .createSignedUrl({key}, 3600);
const url = data?.signedUrl;
