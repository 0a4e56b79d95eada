"""Questions that are asked while cells go on: who is asked, who waits for whom, and the reply that is to come."""
