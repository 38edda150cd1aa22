curl --fail --output {file} \
  --header "apikey: $SUPABASE_KEY" \
  --header "Authorization: Bearer $SUPABASE_KEY" \
  "$SUPABASE_URL{authenticated}"
