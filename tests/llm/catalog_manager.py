"""A client_manager that keeps to the catalog whatever its settings say, so that a test's model is only the designer's."""

from __future__ import annotations

from clients.client_manager import ClientManager


class CatalogManager(ClientManager):
    """The real one, with one provider."""

    def __init__(self) -> None:
        super().__init__(llm_provider_name="catalog")


if __name__ == "__main__":
    CatalogManager.main()
