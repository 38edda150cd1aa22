curl --fail --output {file} \
  "$SUPABASE_URL{public}"
