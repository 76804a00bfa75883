-- Runs may belong to a project. Those that do not cost nothing here.

ALTER TABLE run ADD COLUMN project_id UUID;
CREATE INDEX run_by_project ON run (project_id, state, id) WHERE project_id IS NOT NULL;
CREATE INDEX run_by_project_workflow ON run (project_id, workflow_id, state, id) WHERE project_id IS NOT NULL;
