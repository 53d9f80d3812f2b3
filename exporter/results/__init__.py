"""What is known of each check now and lately: status cache, history, failed exchanges, log, diagnosis."""
