"""Korean: spelling → sound by the Standard Pronunciation, then letters as symbols."""
