"""What several node types share. Node types never import each other; they may import from here."""
