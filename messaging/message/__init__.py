"""One message: its shape (`row`), its looks (`html`), its way out (`wire`)."""
