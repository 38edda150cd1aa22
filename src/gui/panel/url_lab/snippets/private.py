import os
from supabase import create_client

sb = create_client(os.environ["SUPABASE_URL"],
                   os.environ["SUPABASE_KEY"])
bucket = sb.storage.from_({bucket})
res = bucket.create_signed_url(
    {key},
    expires_in=3600,  # 1 hour
)
url = res["signedURL"]
