"""Why a client's codes do not work: facts, checks over them, findings, the likeliest first."""
