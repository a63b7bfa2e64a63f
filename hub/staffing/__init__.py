"""Who serves where and until when: appointments, handovers, stand-ins and absences."""
