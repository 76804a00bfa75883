-- Runs that are made for the elements of a list: each belongs to a step of another run.

ALTER TABLE run ADD COLUMN parent_id UUID;
ALTER TABLE run ADD COLUMN parent_step TEXT;
ALTER TABLE run ADD COLUMN parent_place BIGINT;
-- Whether it counts for that run; one that does not was followed by another, or will be.
ALTER TABLE run ADD COLUMN parent_current BOOLEAN;
CREATE UNIQUE INDEX run_of_parent ON run (parent_id, parent_step, parent_place) WHERE parent_current;
