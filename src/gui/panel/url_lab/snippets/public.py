import os
from supabase import create_client

sb = create_client(os.environ["SUPABASE_URL"],
                   os.environ["SUPABASE_KEY"])
bucket = sb.storage.from_({bucket})
url = bucket.get_public_url({key})
