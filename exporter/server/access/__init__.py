"""Who may see and who may act: passwords, certificates, where a request comes from, how often one may try."""
