import { createClient } from "@supabase/supabase-js";

const sb = createClient(
  process.env.SUPABASE_URL,
  process.env.SUPABASE_KEY,
);
const { data } = sb.storage
  .from({bucket})
  .getPublicUrl({key});
const url = data.publicUrl;
