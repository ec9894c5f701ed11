"""Where supervisors look: what is overdue, how customers found it, what goes wrong, whether the team copes."""
