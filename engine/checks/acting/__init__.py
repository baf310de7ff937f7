"""Who can act: the persons that come out of assignments, and what four eyes, quorums and duties leave of them."""
