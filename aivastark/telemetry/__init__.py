"""What a process tells of itself to those who run it: numbers for who asks, traces for who collects."""
