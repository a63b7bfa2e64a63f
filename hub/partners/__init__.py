"""Partner records: what two facilities have done together, a projection that can be rebuilt."""
