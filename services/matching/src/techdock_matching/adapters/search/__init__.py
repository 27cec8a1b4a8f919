"""The general timetable search: a compiled model, construction, annealing, repair on the day."""
